// SPDX-License-Identifier: Apache-2.0
// For whom boards worked over time: one organisation upon the other, as high as boards were at work.

import type { Usage } from "../model/timeline";

const HEIGHT = 60;

function area(below: number[], above: number[], top: number): string {
	const y = (boards: number) => (HEIGHT - (HEIGHT * boards) / top).toFixed(2);
	const there = above.map((boards, i) => `${i + 0.5} ${y(boards)}`);
	const back = below.map((boards, i) => `${i + 0.5} ${y(boards)}`).reverse();
	const last = above.length - 1;
	return `M0 ${y(below[0] ?? 0)}L0 ${y(above[0] ?? 0)}L${there.join("L")}L${last + 1} ${y(above[last] ?? 0)}L${last + 1} ${y(below[last] ?? 0)}L${back.join("L")}Z`;
}

export function UsageChart({ usage, boards }: { usage: Usage; boards: number }) {
	let below = new Array<number>(usage.pieces).fill(0);
	const layers = usage.orgs.map((org, i) => {
		const from = below;
		below = from.map((sum, piece) => sum + (org.boards[piece] ?? 0));
		return { ...org, path: area(from, below, Math.max(1, boards)), hue: i };
	});
	const shares = usage.orgs.map((org) => `${org.name} ${Math.round(100 * org.share)} %`).join(", ");
	const now = below[usage.pieces - 1] ?? 0;
	return (
		<figure class="usage">
			<div class="usage-scale num" aria-hidden="true">
				<span>{boards}</span>
				<span>0</span>
			</div>
			<svg
				viewBox={`0 0 ${usage.pieces} ${HEIGHT}`}
				preserveAspectRatio="none"
				role="img"
				aria-label={`Boards at work, of ${boards}: ${Math.round(now)} now. Of the time worked: ${shares || "none"}`}
			>
				<rect class="lane-field" width={usage.pieces} height={HEIGHT} />
				{layers.map((layer) => (
					<path key={layer.name} class={`hue-${layer.hue}`} d={layer.path} />
				))}
			</svg>
			<figcaption>
				<span>Boards at work</span>
				{layers.map((layer) => (
					<span key={layer.name} data-org={layer.name}>
						<svg class="swatch" viewBox="0 0 12 12" aria-hidden="true">
							<rect class={`hue-${layer.hue}`} width="12" height="12" rx="2" />
						</svg>{" "}
						{layer.name} <span class="num">{Math.round(100 * layer.share)} %</span>
					</span>
				))}
			</figcaption>
		</figure>
	);
}
