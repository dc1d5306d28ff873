// The worker runs the Go program, so that the page never waits for it.
"use strict";
importScripts("wasm_exec.js");

// content fetches a file, and unpacks it if it is gzip data.
async function content(url) {
	const response = await fetch(url).catch(() => { throw new Error(url); });
	if (!response.ok) throw new Error(`${url}: ${response.status}`);
	const file = new Uint8Array(await response.arrayBuffer());
	if (file[0] !== 0x1f || file[1] !== 0x8b) return file;
	const unpacked = new Blob([file]).stream().pipeThrough(new DecompressionStream("gzip"));
	return new Uint8Array(await new Response(unpacked).arrayBuffer());
}

const started = (async () => {
	const go = new Go();
	const { instance } = await WebAssembly.instantiate(await content("play.wasm.gz"), go.importObject);
	go.run(instance).then(() => postMessage({ ended: true }));
})();

// A request is {id, text, data}: the arguments of the Go function. A string in
// data is the name of a file.
onmessage = async ({ data: { id, text, data } }) => {
	try {
		const contents = data.map(d => typeof d === "string" ? content(d) : d);
		await started;
		postMessage({ id, text: numgrad(text, ...await Promise.all(contents)) });
	} catch (error) {
		postMessage({ id, error: error.message });
	}
};
