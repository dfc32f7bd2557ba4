"use strict";
/*
 * Preloaded into jsii's Node process (see aws_bindings.py): makes `@cdktf/provider-aws` load its 2,200 modules when
 * they are first asked for, by turning the lines `exports.x = require("./x");` of its index into getters. And silences
 * a deprecation warning of cdktf's own.
 *
 * NODE_OPTIONS reaches every Node program started below the synth. Only jsii sets JSII_AGENT for its own; everywhere
 * else this file does nothing.
 */

const Module = require("module");
const util = require("util");

const INDEX = "/@cdktf/provider-aws/lib/index.js";
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

if (process.env.JSII_AGENT && process.env.TAP_EAGER_BINDINGS !== "1") {
  // cdktf asks it of every output that is a list, and Node prints a deprecation warning (DEP0044) for that.
  util.isArray = Array.isArray;

  const compile = Module.prototype._compile;
  Module.prototype._compile = function (source, filename, ...rest) {
    const isIndex = filename.replaceAll("\\", "/").endsWith(INDEX);
    return compile.call(this, isIndex ? onDemand(source) : source, filename, ...rest);
  };
}
