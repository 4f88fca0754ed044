// SPDX-License-Identifier: Apache-2.0
// A run's cases; choosing one shows its lines in the console.

import { caseName, duration, wasSeen } from "../text";
import type { CaseResult, Measurement } from "../types";
import { Chip } from "./chip";

interface CasesProps {
	cases: CaseResult[];
	show: (result: CaseResult) => void;
}

// "at least 5, at most 13.31 us", or what there is of it.
function limits(measurement: Measurement): string {
	const { low, high, unit, basis } = measurement;
	const parts = [low != null && `at least ${low}`, high != null && `at most ${high}`].filter(Boolean);
	const bounds = parts.length ? `${parts.join(", ")} ${unit}` : "";
	return basis && bounds ? `${bounds} (${basis})` : bounds || basis;
}

function Measurements({ measurements }: { measurements: Measurement[] }) {
	if (measurements.length === 0) return null;
	return (
		<ul class="measurements">
			{measurements.map((measurement, i) => (
				<li key={i} data-measurement={measurement.name} data-verdict={measurement.verdict}>
					{measurement.name}{" "}
					<strong class="num">
						{measurement.value == null ? "–" : measurement.value} {measurement.unit}
					</strong>{" "}
					<Chip word={measurement.verdict} /> <span class="muted">{limits(measurement)}</span>
				</li>
			))}
		</ul>
	);
}

function CaseRow({ result, show }: { result: CaseResult; show: (result: CaseResult) => void }) {
	// Nothing, when both came with the same piece of the console.
	const took = result.begun_at_us && result.ended_at_us > result.begun_at_us;
	const seen = wasSeen(result);
	return (
		<tr data-case={caseName(result)} data-verdict={result.verdict} data-standing={result.standing}>
			<td class="case-verdict">
				<Chip word={result.verdict} />
				{result.standing && <Chip word={result.standing} />}
			</td>
			<th scope="row">
				{seen ? (
					<button class="link" type="button" onClick={() => show(result)} title="Show it in the console">
						{caseName(result)}
					</button>
				) : (
					caseName(result)
				)}
				{result.message && <p class="case-message">{result.message}</p>}
				{result.waiver > 0 && <p class="case-message">covered by waiver {result.waiver}</p>}
				<Measurements measurements={result.measurements} />
			</th>
			<td class="case-took num">{took ? duration(result.ended_at_us - result.begun_at_us) : ""}</td>
		</tr>
	);
}

export function Cases({ cases, show }: CasesProps) {
	return (
		<table class="cases">
			<thead class="unseen">
				<tr>
					<th scope="col">Verdict</th>
					<th scope="col">Case</th>
					<th scope="col">Took</th>
				</tr>
			</thead>
			<tbody>
				{cases.map((result) => (
					<CaseRow key={caseName(result)} result={result} show={show} />
				))}
			</tbody>
		</table>
	);
}
