// SPDX-License-Identifier: Apache-2.0
// Builds the page into a directory (--out DIR, default build/page), or the unit tests into build/tests (--tests).
import { cp, mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

function option(name, fallback) {
	const at = process.argv.indexOf(`--${name}`);
	return at > 0 ? process.argv[at + 1] : fallback;
}

async function buildPage(out) {
	await mkdir(out, { recursive: true });
	await build({
		entryPoints: { app: join(here, "src/main.tsx") },
		bundle: true,
		minify: true,
		sourcemap: "linked",
		format: "esm",
		target: ["es2022"],
		jsx: "automatic",
		jsxImportSource: "preact",
		legalComments: "linked",
		logLevel: "warning",
		outdir: out,
	});
	await cp(join(here, "public"), out, { recursive: true });
}

async function buildTests(out) {
	const files = (await readdir(join(here, "test"))).filter((name) => /\.test\.tsx?$/.test(name));
	await build({
		entryPoints: files.map((name) => join(here, "test", name)),
		bundle: true,
		platform: "node",
		format: "esm",
		target: ["node18"],
		jsx: "automatic",
		jsxImportSource: "preact",
		sourcemap: "inline",
		logLevel: "warning",
		outdir: out,
		outExtension: { ".js": ".mjs" },
	});
}

if (process.argv.includes("--tests")) await buildTests(join(here, "build/tests"));
else await buildPage(option("out", join(here, "build/page")));
