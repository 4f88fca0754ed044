// SPDX-License-Identifier: Apache-2.0
// Boards in people's hands: who has which until when, who waits, and what is reserved ahead.

import { useNow, useRenewed, useTitle, useWorld } from "../context";
import { Act } from "../parts/act";
import { Chip } from "../parts/chip";
import { Ends, type Scale, Span } from "../parts/span";
import { Loading, Problem } from "../parts/states";
import { hrefs } from "../route";
import { clock, duration, moment, roughly } from "../text";
import type { Farm, Lease } from "../types";

const EXTENSION_MS = 30 * 60_000;

// When it begins and ends, as far as it is known.
function timesOf(lease: Lease, now: number): [number, number] {
	const begins = lease.granted_at_us || lease.from_us || lease.waits?.expected_at_us || now;
	return [begins, lease.until_us || begins + lease.for_ms * 1_000];
}

function scaleOf(leases: Lease[], now: number): Scale {
	const times = leases.flatMap((lease) => timesOf(lease, now));
	return { from_us: Math.min(now, ...times), to_us: Math.max(now + 60_000_000, ...times) };
}

function remains(lease: Lease, now: number): string {
	if (lease.state === "held") return `ends in ${duration(Math.max(0, lease.until_us - now))}`;
	if (lease.state === "reserved")
		return `from ${moment(lease.from_us ?? 0, now)} for ${roughly(lease.for_ms * 1_000)}`;
	return lease.waits?.waits ?? "";
}

interface RowProps {
	lease: Lease;
	scale: Scale;
	now: number;
	you: Farm["you"];
	renew: () => void;
}

function Row({ lease, scale, now, you, renew }: RowProps) {
	const { api } = useWorld();
	const [from, to] = timesOf(lease, now);
	const may = you.role === "admin" || lease.holder === you.name;
	return (
		<li class="wait" data-lease={lease.id} data-state={lease.state}>
			<div class="wait-line">
				<Chip word={lease.state} />
				<a class="row-main" href={hrefs.job(lease.id)}>
					<span class="num">{lease.id}</span> <span class="row-name">{lease.holder}</span>
				</a>
				{lease.org && <span class="wait-org">{lease.org}</span>}
				{lease.board ? (
					<a class="tag" href={hrefs.board(lease.board)}>
						{lease.board}
					</a>
				) : (
					<span class="tag">{lease.wanted_board || lease.board_type}</span>
				)}
			</div>
			<p class="wait-why">
				{[
					lease.why,
					remains(lease, now),
					lease.state === "held" && lease.clients === 0 && "nobody is connected",
				]
					.filter(Boolean)
					.join(" · ")}
			</p>
			<Span
				scale={scale}
				from_us={from}
				to_us={to}
				now_us={now}
				tone={lease.state === "held" ? "busy" : "quiet"}
				label={`${clock(from)} to ${clock(to)}`}
			/>
			{may && lease.state !== "ending" && (
				<p class="actions">
					{lease.state === "held" && (
						<Act
							word={`${roughly(EXTENSION_MS * 1_000)} longer`}
							act={() => api.extendLease(lease.id, EXTENSION_MS)}
							done={renew}
						/>
					)}
					<Act word="End" ask="Really end it?" act={() => api.endLease(lease.id)} done={renew} />
				</p>
			)}
		</li>
	);
}

export function Leases() {
	useTitle("Leases");
	const { value, error, renew } = useRenewed(
		"leases",
		async (api, signal) => {
			const [farm, leases] = await Promise.all([api.farm(signal), api.leases(signal)]);
			return { you: farm.you, leases };
		},
		(event) => event.type.startsWith("lease.") || event.kind === "lease",
	);
	const now = useNow(true, 1_000);
	if (error) return <Problem error={error} what="Leases" />;
	if (!value) return <Loading />;
	const scale = scaleOf(value.leases, now);
	return (
		<article class="list-page">
			<h1>Leases</h1>
			{value.leases.length === 0 && (
				<p class="empty">
					Nobody holds a board. <code>assay lease TYPE --for 1h</code> brings one to your desk, with its
					console and a port for gdb; <code>assay reserve</code> books one ahead.
				</p>
			)}
			{value.leases.length > 0 && <Ends scale={scale} now_us={now} />}
			<ol class="waits">
				{value.leases.map((lease) => (
					<Row key={lease.id} lease={lease} scale={scale} now={now} you={value.you} renew={renew} />
				))}
			</ol>
		</article>
	);
}
