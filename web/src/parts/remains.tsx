// SPDX-License-Identifier: Apache-2.0
// What a run that failed left behind: the fault and its backtrace in words, and the files to save.

import { useEffect, useState } from "preact/hooks";
import { type Api, saveBlob } from "../api";
import { useWorld } from "../context";
import { bytes } from "../text";
import type { Artefact, Run } from "../types";

const AGAIN_MS = 2_000; // a core file comes after the run's end

interface Held {
	artefacts: Artefact[];
	text: string;
}

async function fetchRemains(api: Api, run: number, signal: AbortSignal): Promise<Held> {
	const artefacts = await api.artefacts(run, signal);
	const told = artefacts.find(({ kind, present }) => kind === "backtrace" && present);
	const text = told ? await (await api.download(`/runs/${run}/artefacts/${told.name}`, signal)).text() : "";
	return { artefacts, text };
}

function useRemains(run: Run): Held {
	const { api } = useWorld();
	const [held, setHeld] = useState<Held>({ artefacts: [], text: "" });
	const over = run.state === "finished";
	useEffect(() => {
		if (!over) return;
		const gone = new AbortController();
		let timer: ReturnType<typeof setTimeout> | undefined;
		const load = async () => {
			try {
				const found = await fetchRemains(api, run.id, gone.signal);
				if (gone.signal.aborted) return;
				setHeld(found);
				if (found.artefacts.every(({ present }) => present)) return;
			} catch {
				// Asked for again: the page itself says when the daemon cannot be reached.
			}
			if (!gone.signal.aborted) timer = setTimeout(load, AGAIN_MS);
		};
		load();
		return () => {
			gone.abort();
			clearTimeout(timer);
		};
	}, [api, run.id, over]);
	return held;
}

export function Remains({ run }: { run: Run }) {
	const { api } = useWorld();
	const { artefacts, text } = useRemains(run);
	if (artefacts.length === 0) return null;
	const save = async (name: string) =>
		saveBlob(await api.download(`/runs/${run.id}/artefacts/${name}`), `run-${run.id}.${name}`);
	return (
		<section aria-labelledby="remains-title">
			<h2 id="remains-title">Fault and backtrace</h2>
			{text && (
				// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
				<pre class="remains" tabIndex={0}>
					{text}
				</pre>
			)}
			<p class="remains-files">
				{artefacts.map(({ name, size, present }) => (
					<button key={name} type="button" class="text-button" disabled={!present} onClick={() => save(name)}>
						Save {name} <span class="muted">{present ? bytes(size) : "on its way"}</span>
					</button>
				))}
			</p>
		</section>
	);
}
