// SPDX-License-Identifier: Apache-2.0
// The box that asks for a token when the address brought none.

import { useState } from "preact/hooks";
import { Api, ApiError } from "../api";
import { Mark } from "../parts/mark";

export function Login({ why, enter }: { why: string; enter: (token: string) => void }) {
	const [token, setToken] = useState("");
	const [problem, setProblem] = useState(why);
	const [busy, setBusy] = useState(false);
	const submit = async (event: Event) => {
		event.preventDefault();
		setBusy(true);
		try {
			await new Api(token.trim()).farm();
			enter(token.trim());
		} catch (error) {
			const denied = error instanceof ApiError && (error.status === 401 || error.status === 403);
			setProblem(denied ? "This token is not accepted." : "assayd cannot be reached just now.");
			setBusy(false);
		}
	};
	return (
		<main class="login">
			<form onSubmit={submit}>
				<h1>
					<Mark /> Assay
				</h1>
				<p>
					Show a token to look into the farm. The first one is in <code>admin.token</code> in the daemon’s
					state directory; <code>assay tokens add</code> makes more.
				</p>
				<label for="token">Token</label>
				<input
					id="token"
					type="password"
					autoComplete="off"
					spellcheck={false}
					required
					value={token}
					aria-describedby="token-problem"
					onInput={(event) => setToken(event.currentTarget.value)}
				/>
				<p id="token-problem" class="problem" role="alert">
					{problem}
				</p>
				<button class="button primary" type="submit" disabled={busy || token.trim() === ""}>
					Enter
				</button>
			</form>
		</main>
	);
}
