// SPDX-License-Identifier: Apache-2.0
// The frame around the pages: who is logged in, which page, and how the connection is.

import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import { Api } from "./api";
import { type World, WorldContext } from "./context";
import { Live } from "./live";
import { BoardPage } from "./pages/board";
import { JobPage } from "./pages/job";
import { Leases } from "./pages/leases";
import { Login } from "./pages/login";
import { NightPage } from "./pages/night";
import { Nights } from "./pages/nights";
import { Overview } from "./pages/overview";
import { Queue } from "./pages/queue";
import { Racks } from "./pages/racks";
import { RunPage } from "./pages/run";
import { TimelinePage } from "./pages/timeline";
import { Header } from "./parts/header";
import { hrefs, parseRoute, type Route } from "./route";
import { dropToken, keepToken, takeToken, tokenInFragment } from "./session";

function liveUrl(): string {
	return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/api/v1/live`;
}

function useRoute(): Route {
	const [route, setRoute] = useState(() => parseRoute(location.hash));
	// Before the first page can be seen: a link on it may be followed before other effects run.
	useLayoutEffect(() => {
		const onChange = () => {
			// A link with a token opened in a tab that is here already: take it, begin afresh.
			if (tokenInFragment(location.hash)) {
				takeToken();
				location.reload();
				return;
			}
			setRoute(parseRoute(location.hash));
			window.scrollTo(0, 0);
		};
		addEventListener("hashchange", onChange);
		return () => removeEventListener("hashchange", onChange);
	}, []);
	return route;
}

function Page({ route }: { route: Route }) {
	switch (route.page) {
		case "overview":
			return <Overview />;
		case "job":
			return <JobPage key={route.id} id={route.id} />;
		case "run":
			return <RunPage key={route.id} id={route.id} />;
		case "board":
			return <BoardPage key={route.name} name={route.name} />;
		case "timeline":
			return <TimelinePage range={route.range} rack={route.rack} />;
		case "queue":
			return <Queue />;
		case "leases":
			return <Leases />;
		case "nights":
			return <Nights />;
		case "night":
			return <NightPage key={route.id} id={route.id} />;
		case "racks":
			return <Racks />;
		default:
			return (
				<section class="notice">
					<h1>Nothing here</h1>
					<p>
						There is no page “{route.path}”. <a href={hrefs.overview}>Go to the overview</a>
					</p>
				</section>
			);
	}
}

function Inside({ token, leave }: { token: string; leave: (why: string) => void }) {
	const world = useMemo<World>(
		() => ({ api: new Api(token), live: new Live(liveUrl(), token), leave }),
		[token, leave],
	);
	const route = useRoute();
	useEffect(() => {
		const hurry = () => world.live.hurry();
		const onVisible = () => document.visibilityState === "visible" && hurry();
		addEventListener("online", hurry);
		document.addEventListener("visibilitychange", onVisible);
		const off = world.live.onChange(() => {
			if (world.live.state === "denied") leave("This token is not accepted.");
		});
		return () => {
			removeEventListener("online", hurry);
			document.removeEventListener("visibilitychange", onVisible);
			off();
			world.live.close();
		};
	}, [world, leave]);
	return (
		<WorldContext.Provider value={world}>
			<button class="skip" type="button" onClick={() => document.getElementById("main")?.focus()}>
				Skip to content
			</button>
			<Header page={route.page} />
			<main id="main" tabIndex={-1}>
				<Page route={route} />
			</main>
		</WorldContext.Provider>
	);
}

export function App() {
	const [token, setToken] = useState(takeToken);
	const [why, setWhy] = useState("");
	const leave = useMemo(
		() => (reason: string) => {
			dropToken();
			setWhy(reason);
			setToken("");
		},
		[],
	);
	const enter = (given: string) => {
		keepToken(given);
		setWhy("");
		setToken(given);
	};
	return token ? <Inside token={token} leave={leave} /> : <Login why={why} enter={enter} />;
}
