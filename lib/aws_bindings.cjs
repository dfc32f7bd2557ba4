"use strict";
/*
 * Preloaded into jsii's Node process (see aws_bindings.py): makes `@cdktf/provider-aws` load its 2,200 modules when
 * they are first asked for, by turning the lines `exports.x = require("./x");` of its index into getters, and without
 * their source maps. Has cdktf load archives and version numbers when it needs them, lets jsii finish its index of the
 * bindings, and silences a deprecation warning of cdktf's own.
 *
 * NODE_OPTIONS reaches every Node program started below the synth. Only jsii sets JSII_AGENT for its own; everywhere
 * else this file does nothing.
 */

const Module = require("module");
const fs = require("fs");
const path = require("path");
const util = require("util");
const workers = require("worker_threads");

const BINDINGS = "/@cdktf/provider-aws/lib/";
const CDKTF = "/node_modules/cdktf/lib/";
const INDEX = `${BINDINGS}index.js`;
const SUBMODULE = /^exports\.(\w+) = require\("(\.\/[\w-]+)"\);$/;
// What else the compiler writes into that file. None of it looks at a submodule.
const BOILERPLATE =
  /^(?:"use strict";|\/\*\*| \*.*|\/\/.*|Object\.defineProperty\(exports, "__esModule", \{ value: true \}\);|(?:exports\.\w+ = )+void 0;|)$/;

const INDEX_WORKER = "runtime-index-worker.js";
// Milliseconds. After 5 s Python ends the process, which then leaves its temporary folder behind.
const LONGEST_WAIT_FOR_INDEX = 4000;
// What cdktf loads for zip archives, and for asking a Terraform binary its version.
const LATE_REQUIRE = /^const (archiver|semver) = require\("\1"\);$/gm;
const PYTHON_IMPORT = /^\s*from cdktf_cdktf_provider_aws\.(\w+) import /gm;

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

/** A module of cdktf that loads what few programs need, as much again as all of cdktf, when it is first used. */
function withLateRequires(source) {
  return source.replace(
    LATE_REQUIRE,
    'const $1 = new Proxy(function () {}, { get: (_, name) => require("$1")[name], ' +
      'apply: (_, self, given) => require("$1").apply(self, given) });',
  );
}

/** Loads the submodules that the Python files of a folder import, once jsii has answered and would only wait. */
function loadAhead(index, folder) {
  setImmediate(() => {
    try {
      const files = fs.readdirSync(folder, { recursive: true }).filter((file) => file.endsWith(".py"));
      const sources = files.map((file) => fs.readFileSync(path.join(folder, file), "utf8"));
      const names = sources.flatMap((source) => Array.from(source.matchAll(PYTHON_IMPORT), ([, name]) => name));
      for (const name of names) index[name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase())];
    } catch {
      // Whoever needs it gets the error, where it can be told.
    }
  });
}

/**
 * Lets jsii finish the index of a package's types that its first run with the package starts to write in a thread, and
 * that spares every later run to read 130 MB. It means to wait for it, and then ends the process all the same.
 */
function exitAfterIndex() {
  const building = new Set();
  workers.Worker = class extends workers.Worker {
    constructor(file, options) {
      const buildsIndex = path.basename(String(file)) === INDEX_WORKER;
      // Inside the jsii package, from where jsii_node.py starts the kernel, files have their folder in their name.
      const inPackage = path.join(path.dirname(String(file)), `lib__${INDEX_WORKER}`);
      super(buildsIndex && !fs.existsSync(file) ? inPackage : file, options);
      if (!buildsIndex) return;
      building.add(this);
      this.once("exit", () => building.delete(this));
    }
  };
  const exit = process.exit;
  process.exit = (code) => {
    if (building.size === 0) return exit.call(process, code);
    process.exitCode = code; // Node ends by itself when nothing is left to do,
    setTimeout(() => exit.call(process, code), LONGEST_WAIT_FOR_INDEX).unref(); // or now, and the next run tries again.
  };
}

if (process.env.JSII_AGENT && process.env.TAP_EAGER_BINDINGS !== "1") {
  // cdktf asks it of every output that is a list, and Node prints a deprecation warning (DEP0044) for that.
  util.isArray = Array.isArray;
  exitAfterIndex();
  const { TAP_JSII_CHANNEL: channel, TAP_BINDINGS_OF: folder } = process.env;
  // They are for this process (see jsii_node.py), not for those that it starts.
  delete process.env.TAP_JSII_CHANNEL;
  delete process.env.TAP_BINDINGS_OF;

  const compile = Module.prototype._compile;
  Module.prototype._compile = function (source, filename, ...rest) {
    const file = filename.replaceAll("\\", "/");
    if (channel && this.id === ".") source = source.replace("readFD:3,writeFD:3", channel);
    else if (file.endsWith(INDEX)) {
      source = onDemand(source);
      if (folder) loadAhead(this.exports, folder);
    } else if (file.includes(BINDINGS)) source = withoutSourceMap(source);
    else if (file.includes(CDKTF)) source = withLateRequires(source);
    return compile.call(this, source, filename, ...rest);
  };
}
