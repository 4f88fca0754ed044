// SPDX-License-Identifier: Apache-2.0
// The token: taken from the address' fragment once, kept for this tab only, never left in the address bar.

const KEY = "assay.token";

// Returns the token in "#token=…", or "" when there is none.
export function tokenInFragment(fragment: string): string {
	const match = /^#\/?token=([^&]+)$/.exec(fragment);
	if (!match?.[1]) return "";
	try {
		return decodeURIComponent(match[1]);
	} catch {
		return "";
	}
}

export function takeToken(): string {
	const given = tokenInFragment(location.hash);
	if (given) {
		sessionStorage.setItem(KEY, given);
		history.replaceState(null, "", `${location.pathname}${location.search}#/`);
	}
	return sessionStorage.getItem(KEY) ?? "";
}

export function keepToken(token: string): void {
	sessionStorage.setItem(KEY, token);
}

export function dropToken(): void {
	sessionStorage.removeItem(KEY);
}
