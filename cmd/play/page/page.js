// The page sends requests to the Go program in the worker and shows its answers.
// All numbers come from there. The scripts run in the order of index.html and
// share their names.
"use strict";
const $ = id => document.getElementById(id);

// ---- Two languages

function setLanguage(lang) {
	document.documentElement.lang = lang;
	try { localStorage.setItem("language", lang); } catch { /* storage is off: the choice ends with the page */ }
	if (typeof showDirection !== "undefined") showDirection();
}
let savedLanguage = null;
try { savedLanguage = localStorage.getItem("language"); } catch { /* as above */ }
document.documentElement.lang = savedLanguage ?? (navigator.language.startsWith("ja") ? "ja" : "en");
$("language").onclick = () => setLanguage(document.documentElement.lang === "ja" ? "en" : "ja");

// say gives an element a text in English and one in Japanese.
function say(element, en, ja) {
	element.classList.remove("error");
	if (element.textContent === en + ja) return; // a screen reader would repeat it
	element.replaceChildren(...[["en", en], ["ja", ja]].map(([lang, text]) => {
		const span = document.createElement("span");
		span.lang = lang;
		span.textContent = text;
		return span;
	}));
}

// trouble returns an error with a text in each language; complain shows it.
const trouble = (en, ja) => Object.assign(new Error(en), { ja });

function complain(error) {
	console.log(error.detail ?? error.message);
	say($("status"), error.message, error.ja ?? "問題が発生しました。ページを再読み込みしてください。");
	$("status").classList.add("error");
}

// A message stays until the next action.
let loaded = false; // the images are there
for (const event of ["pointerdown", "keydown"]) {
	addEventListener(event, () => { if (loaded) say($("status"), "", ""); });
}

// ---- The worker

const waiting = new Map(); // requests without an answer, by id
let requests = 0, over = false, worker;

// ask sends a request and returns its answer. Data are Uint8Arrays or names of
// files.
function ask(call, args = {}, ...data) {
	return new Promise((resolve, reject) => {
		waiting.set(++requests, { resolve, reject });
		worker.postMessage({ id: requests, text: JSON.stringify({ call, ...args }), data });
	});
}

function receive({ data: { id, text, error, ended } }) {
	if (over) return;
	if (ended || id && error === undefined && text === undefined) return end();
	const { resolve, reject } = waiting.get(id);
	waiting.delete(id);
	if (error !== undefined) return reject(trouble(`A file did not arrive (${error}): reload the page.`, `ファイルを読み込めませんでした（${error}）。ページを再読み込みしてください。`));
	const answer = JSON.parse(text);
	if (answer.error === undefined) return resolve(answer.reply);
	reject(Object.assign(trouble("This could not be computed: a number is too large, or the page is out of date. Reload the page.",
		"計算できませんでした。数値が大きすぎるか、ページが古くなっています。ページを再読み込みしてください。"), { detail: answer.error }));
}

// end says that no more answers will come.
function end() {
	over = true;
	loaded = false; // the message stays
	running = false;
	showTraining();
	complain(trouble("The computation has ended unexpectedly: reload the page.", "計算が予期せず終了しました。ページを再読み込みしてください。"));
}

// latest returns a function that runs job. A call while job runs makes it run
// once more, with the latest arguments. The promise resolves when nothing is
// left to do.
function latest(job) {
	let current = null, next = null;
	const go = async () => {
		while (next) {
			const args = next;
			next = null;
			await job(...args).catch(complain);
		}
		current = null;
	};
	return (...args) => {
		next = args;
		return current ??= go();
	};
}

// ---- The beginning

addEventListener("DOMContentLoaded", () => start().catch(complain));

async function start() {
	if (location.protocol === "file:") {
		throw trouble("A browser does not run this page from a file. Serve this folder: go run ./cmd/play", "ファイルとして開いたページは動きません。このフォルダをサーバーで配信してください: go run ./cmd/play");
	}
	if (typeof WebAssembly === "undefined" || typeof DecompressionStream === "undefined" || typeof Worker === "undefined") {
		throw trouble("This browser lacks WebAssembly: open the page in a newer one.", "このブラウザは WebAssembly に対応していません。新しいブラウザで開いてください。");
	}
	worker = new Worker("worker.js");
	worker.onmessage = receive;
	worker.onerror = end;
	say($("status"), "Loading …", "読み込み中です …");
	resetTraining();
	showSteps();
	showDirection();
	const test = ask("loadTest", {}, "test-images.gz", "test-labels.gz"), training = ask("loadTrain", {}, "train-images.gz", "train-labels.gz");
	paintMap();
	placeStart();
	await refreshPictures();
	await test;
	$("next").disabled = false;
	if (!place) $("next").click();
	await training;
	loaded = true;
	showTraining();
	await refreshPictures();
	chooseWeight(await ask("steepest"));
	if (document.wasDiscarded) say($("status"), "The browser had discarded this tab: a training that was not saved is lost.", "ブラウザがこのタブを破棄していました。保存していない学習は失われました。");
	else say($("status"), "", "");
}
