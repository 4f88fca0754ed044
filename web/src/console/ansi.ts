// SPDX-License-Identifier: Apache-2.0
// The colours boards print: a line with ANSI escapes taken apart into pieces with class names. Only SGR has a meaning
// here (a console is read, not drawn); every other escape is dropped, other control characters are shown as pictures.

export interface Piece {
	text: string;
	classes: string; // "" or such as "fg-1 bold"
}

interface Pen {
	fg: number; // -1: none, 0-15
	bg: number;
	bold: boolean;
	dim: boolean;
	underline: boolean;
}

const PLAIN: Pen = { fg: -1, bg: -1, bold: false, dim: false, underline: false };

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are made of control characters
const ESCAPE = /\u001b(?:\[([0-9;:?]*)[ -/]*([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

function visible(text: string): string {
	return text.replace(CONTROL, (c) => (c === "\u007f" ? "␡" : String.fromCharCode(0x2400 + c.charCodeAt(0))));
}

// 38 and 48 take further numbers; returns how many were used. Only the first 16 colours are shown as themselves.
function extended(pen: Pen, key: "fg" | "bg", codes: number[], at: number): number {
	if (codes[at + 1] === 5) {
		const colour = codes[at + 2] ?? -1;
		pen[key] = colour < 16 ? colour : -1;
		return 2;
	}
	return codes[at + 1] === 2 ? 4 : 0;
}

function paint(pen: Pen, parameters: string): void {
	const codes = parameters === "" ? [0] : parameters.split(/[;:]/).map(Number);
	for (let i = 0; i < codes.length; i++) {
		const code = codes[i] ?? 0;
		if (code === 0) Object.assign(pen, PLAIN);
		else if (code === 1) pen.bold = true;
		else if (code === 2) pen.dim = true;
		else if (code === 4) pen.underline = true;
		else if (code === 22) pen.bold = pen.dim = false;
		else if (code === 24) pen.underline = false;
		else if (code >= 30 && code <= 37) pen.fg = code - 30;
		else if (code === 38) i += extended(pen, "fg", codes, i);
		else if (code === 39) pen.fg = -1;
		else if (code >= 40 && code <= 47) pen.bg = code - 40;
		else if (code === 48) i += extended(pen, "bg", codes, i);
		else if (code === 49) pen.bg = -1;
		else if (code >= 90 && code <= 97) pen.fg = code - 82;
		else if (code >= 100 && code <= 107) pen.bg = code - 92;
	}
}

function classesOf(pen: Pen): string {
	const classes: string[] = [];
	if (pen.fg >= 0) classes.push(`fg-${pen.fg}`);
	if (pen.bg >= 0) classes.push(`bg-${pen.bg}`);
	if (pen.bold) classes.push("bold");
	if (pen.dim) classes.push("dim");
	if (pen.underline) classes.push("underline");
	return classes.join(" ");
}

// Colours do not run over the end of a line: test output ends them where they began.
export function parseAnsi(line: string): Piece[] {
	const pieces: Piece[] = [];
	const pen = { ...PLAIN };
	let at = 0;
	const add = (text: string) => {
		if (text) pieces.push({ text: visible(text), classes: classesOf(pen) });
	};
	for (const match of line.matchAll(ESCAPE)) {
		add(line.slice(at, match.index));
		at = match.index + match[0].length;
		if (match[2] === "m") paint(pen, match[1] ?? "");
	}
	add(line.slice(at));
	return pieces;
}
