// SPDX-License-Identifier: Apache-2.0
// What stands where something is not there: still loading, or not to be had.

import type { ApiError } from "../api";
import { hrefs } from "../route";

export function Loading() {
	return (
		<p class="loading" role="status">
			Loading
		</p>
	);
}

export function Problem({ error, what }: { error: ApiError; what: string }) {
	return (
		<section class="notice" role="alert">
			<h1>{error.status === 404 ? `There is no ${what}` : `${what} cannot be shown`}</h1>
			<p>
				{error.status !== 404 && `${error.message}. `}
				<a href={hrefs.overview}>Go to the overview</a>
			</p>
		</section>
	);
}
