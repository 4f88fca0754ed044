// SPDX-License-Identifier: Apache-2.0
// A list of facts, each with its name; one without a value is left out.

import type { ComponentChildren } from "preact";

export type Fact = [name: string, value: ComponentChildren];

export function FactList({ facts }: { facts: Fact[] }) {
	return (
		<dl class="facts">
			{facts
				.filter(([, value]) => value)
				.map(([name, value]) => (
					<div key={name}>
						<dt>{name}</dt>
						<dd>{value}</dd>
					</div>
				))}
		</dl>
	);
}
