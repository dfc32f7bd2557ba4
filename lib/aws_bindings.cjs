"use strict";
/*
 * Preloaded into jsii's Node process (see aws_bindings.py): makes `@cdktf/provider-aws` load its 2,200 modules when
 * they are first asked for, by turning the lines `exports.x = require("./x");` of its index into getters, and without
 * their source maps. And silences a deprecation warning of cdktf's own.
 *
 * NODE_OPTIONS reaches every Node program started below the synth. Only jsii sets JSII_AGENT for its own; everywhere
 * else this file does nothing.
 */

const Module = require("module");
const util = require("util");

const BINDINGS = "/@cdktf/provider-aws/lib/";
const INDEX = `${BINDINGS}index.js`;
const SUBMODULE = /^exports\.(\w+) = require\("(\.\/[\w-]+)"\);$/;
// What else the compiler writes into that file. None of it looks at a submodule.
const BOILERPLATE =
  /^(?:"use strict";|\/\*\*| \*.*|\/\/.*|Object\.defineProperty\(exports, "__esModule", \{ value: true \}\);|(?:exports\.\w+ = )+void 0;|)$/;

/** The index with getters, line for line; or as it is if a single line is not of the expected kind. */
function onDemand(source) {
  const lines = source.split("\n");
  if (!lines.every((line) => SUBMODULE.test(line) || BOILERPLATE.test(line))) return source;
  // Enumerable, because jsii looks types up by name; the value takes the getter's place once it is there.
  return lines
    .map((line) =>
      line.replace(
        SUBMODULE,
        'Object.defineProperty(exports, "$1", { configurable: true, enumerable: true, get() { ' +
          'const value = require("$2"); ' +
          'Object.defineProperty(exports, "$1", { configurable: true, enumerable: true, writable: true, value }); ' +
          "return value; } });",
      ),
    )
    .join("\n");
}

/** A module without the source map at its end, which nobody reads and which is two thirds of what Node would hold. */
function withoutSourceMap(source) {
  const start = source.lastIndexOf("\n//# sourceMappingURL=data:");
  return start < 0 ? source : source.slice(0, start + 1);
}

if (process.env.JSII_AGENT && process.env.TAP_EAGER_BINDINGS !== "1") {
  // cdktf asks it of every output that is a list, and Node prints a deprecation warning (DEP0044) for that.
  util.isArray = Array.isArray;

  const compile = Module.prototype._compile;
  Module.prototype._compile = function (source, filename, ...rest) {
    const path = filename.replaceAll("\\", "/");
    if (path.endsWith(INDEX)) source = onDemand(source);
    else if (path.includes(BINDINGS)) source = withoutSourceMap(source);
    return compile.call(this, source, filename, ...rest);
  };
}
