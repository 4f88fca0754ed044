// SPDX-License-Identifier: Apache-2.0
// Sealing a finished job: how long it takes, what came of it, and how anybody checks it.

import { useState } from "preact/hooks";
import { ApiError, saveBlob } from "../api";
import { useNow, useWorld } from "../context";
import { bytes, duration, nowUs } from "../text";
import type { Seal } from "../types";

type Stage =
	| { at: "ready" }
	| { at: "busy"; doing: string; since_us: number }
	| { at: "failed"; why: string }
	| { at: "sealed"; seal: Seal };

function Sealed({ seal, save }: { seal: Seal; save: () => void }) {
	const name = `job-${seal.job}.evidence.tar`;
	return (
		<>
			<p>
				<button class="button" type="button" onClick={save}>
					Save {name} <span class="muted">{bytes(seal.bytes)}</span>
				</button>
			</p>
			<dl class="facts">
				<div>
					<dt>Signed with key</dt>
					<dd>
						<code>{seal.key}</code>
					</dd>
				</div>
				<div>
					<dt>SHA-256 of its manifest</dt>
					<dd>
						<code>{seal.manifest_sha256}</code>
					</dd>
				</div>
			</dl>
			<p class="small muted">
				Anybody checks it without this farm: <code>assay keys --public &gt; farm.pub</code>, then{" "}
				<code>assay verify {name} --key farm.pub</code>.
			</p>
		</>
	);
}

export function SealJob({ job }: { job: number }) {
	const { api } = useWorld();
	const [stage, setStage] = useState<Stage>({ at: "ready" });
	const now = useNow(stage.at === "busy", 200);
	const attempt = async (doing: string, action: () => Promise<Stage>) => {
		setStage({ at: "busy", doing, since_us: nowUs() });
		try {
			setStage(await action());
		} catch (error) {
			setStage({ at: "failed", why: error instanceof ApiError ? error.message : String(error) });
		}
	};
	const seal = () => attempt("Sealing", async () => ({ at: "sealed", seal: await api.seal(job) }));
	const save = (done: Seal) =>
		attempt("Fetching", async () => {
			saveBlob(await api.download(`/jobs/${job}/evidence`), `job-${job}.evidence.tar`);
			return { at: "sealed", seal: done };
		});
	return (
		<section aria-labelledby="seal-title" data-stage={stage.at}>
			<h2 id="seal-title">Evidence</h2>
			{stage.at === "sealed" && <Sealed seal={stage.seal} save={() => save(stage.seal)} />}
			{stage.at !== "sealed" && (
				<p class="seal">
					<button class="button" type="button" disabled={stage.at === "busy"} onClick={seal}>
						Seal this job
					</button>{" "}
					{stage.at === "ready" && (
						<span class="muted">All that is kept of it as one archive, signed with the farm’s key.</span>
					)}
					{stage.at === "busy" && (
						<span role="status">
							{stage.doing} <span class="num">{duration(Math.max(0, now - stage.since_us))}</span>
						</span>
					)}
					{stage.at === "failed" && (
						<span class="problem" role="alert">
							It could not be sealed: {stage.why}
						</span>
					)}
				</p>
			)}
		</section>
	);
}
