// SPDX-License-Identifier: Apache-2.0
// A button that asks the farm for something: busy until it answered, and its answer when it said no.

import { useState } from "preact/hooks";
import { ApiError } from "../api";

interface ActProps {
	word: string;
	act: () => Promise<void>;
	done: () => void;
	ask?: string; // a question that must be answered with yes first
}

export function Act({ word, act, done, ask }: ActProps) {
	const [stage, setStage] = useState<"ready" | "asked" | "busy">("ready");
	const [why, setWhy] = useState("");
	const go = async () => {
		if (ask && stage === "ready") return setStage("asked");
		setStage("busy");
		setWhy("");
		try {
			await act();
			done();
		} catch (error) {
			setWhy(error instanceof ApiError ? error.message : String(error));
		}
		setStage("ready");
	};
	return (
		<span class="act">
			<button class="button" type="button" disabled={stage === "busy"} onClick={go}>
				{stage === "asked" ? ask : word}
			</button>
			{stage === "asked" && (
				<button class="text-button" type="button" onClick={() => setStage("ready")}>
					No
				</button>
			)}
			{why && (
				<span class="problem" role="alert">
					{why}
				</span>
			)}
		</span>
	);
}
