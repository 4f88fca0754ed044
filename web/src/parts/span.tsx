// SPDX-License-Identifier: Apache-2.0
// A stretch of time on a line that all rows of a list share, so that they can be compared.

import { moment } from "../text";

export interface Scale {
	from_us: number;
	to_us: number;
}

interface SpanProps {
	scale: Scale;
	from_us: number;
	to_us: number;
	tone: string;
	now_us: number;
	label: string;
}

const share = (scale: Scale, at_us: number) =>
	Math.min(100, Math.max(0, (100 * (at_us - scale.from_us)) / Math.max(1, scale.to_us - scale.from_us)));

export function Span({ scale, from_us, to_us, tone, now_us, label }: SpanProps) {
	const left = share(scale, from_us);
	const width = Math.max(0.8, share(scale, to_us) - left);
	return (
		<span class={`span tone-${tone}`} role="img" aria-label={label} title={label}>
			<span class="span-bar" style={{ left: `${Math.min(left, 99.2)}%`, width: `${width}%` }} />
			<span class="span-now" style={{ left: `${share(scale, now_us)}%` }} />
		</span>
	);
}

export function Ends({ scale, now_us }: { scale: Scale; now_us: number }) {
	return (
		<p class="span-ends num">
			<span>{moment(scale.from_us, now_us)}</span>
			<span>{moment(scale.to_us, now_us)}</span>
		</p>
	);
}
