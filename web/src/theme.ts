// SPDX-License-Identifier: Apache-2.0
// Light, dark, or as the system says; kept for the next visit.

export type Theme = "system" | "light" | "dark";

const KEY = "assay.theme";

export function readTheme(): Theme {
	const kept = localStorage.getItem(KEY);
	return kept === "light" || kept === "dark" ? kept : "system";
}

export function applyTheme(theme: Theme): void {
	if (theme === "system") {
		delete document.documentElement.dataset.theme;
		localStorage.removeItem(KEY);
	} else {
		document.documentElement.dataset.theme = theme;
		localStorage.setItem(KEY, theme);
	}
}

// What is shown now, whatever decided it.
export function isDark(): boolean {
	const theme = readTheme();
	return theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
}
