// SPDX-License-Identifier: Apache-2.0
// The farm's hallmark, as an assay office would punch it.

export function Mark() {
	return (
		<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
			<path d="M9 2h14l7 7v14l-7 7H9l-7-7V9z" class="mark-field" />
			<path d="M16 7.5 23.5 24h-3.6l-1.5-3.6h-4.9L12 24H8.5zm0 6.6-1.3 3.4h2.6z" class="mark-letter" />
		</svg>
	);
}
