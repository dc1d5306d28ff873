// The page: what is clicked becomes a request to the Go program in the worker,
// and its answer becomes text, pictures and curves. All numbers come from there.
// The scripts of the page run in the order that index.html has them in, and share
// their names.
"use strict";
const $ = id => document.getElementById(id);

// ---- Two languages

document.documentElement.lang = navigator.language.startsWith("ja") ? "ja" : "en";
$("language").onclick = () => {
	document.documentElement.lang = document.documentElement.lang === "ja" ? "en" : "ja";
};

// say gives an element a text in English and one in Japanese.
function say(element, en, ja) {
	element.classList.remove("error");
	if (element.textContent === en + ja) return; // so that a screen reader does not repeat it
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
	say($("status"), error.message, error.ja ?? error.message);
	$("status").classList.add("error");
}

// What has happened is told until something else is done.
let loaded = false; // the images are there
for (const event of ["pointerdown", "keydown"]) {
	addEventListener(event, () => { if (loaded) say($("status"), "", ""); });
}

// ---- The worker

const waiting = new Map(); // requests without an answer, by id
let requests = 0, over = false, worker;

// ask sends a request and returns its answer. Data are Uint8Arrays, or names of
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
	if (answer.error !== undefined) reject(trouble(`This could not be computed: ${answer.error}.`, `計算できませんでした（${answer.error}）。`));
	else resolve(answer.reply);
}

// end tells that there are no more answers.
function end() {
	over = true;
	loaded = false; // so that it stays
	showTraining();
	complain(trouble("The computation has ended unexpectedly: reload the page.", "計算が予期せず終了しました。ページを再読み込みしてください。"));
}

// latest returns a function that runs job, and once more if it was called in
// the meantime: what is asked while one answer is awaited is asked once. Its
// promise is kept when nothing is left to do.
function latest(job) {
	let under = null, again = false;
	const go = async () => {
		while (again) {
			again = false;
			await job().catch(complain);
		}
		under = null;
	};
	return () => {
		again = true;
		return under ??= go();
	};
}

// ---- The beginning

addEventListener("DOMContentLoaded", () => start().catch(complain));

async function start() {
	if (typeof WebAssembly === "undefined" || typeof DecompressionStream === "undefined" || typeof Worker === "undefined") {
		throw trouble("This browser lacks WebAssembly: open the page in a newer one.", "このブラウザには WebAssembly がありません。新しいブラウザで開いてください。");
	}
	worker = new Worker("worker.js");
	worker.onmessage = receive;
	worker.onerror = end;
	say($("status"), "Loading …", "読み込み中 …");
	resetTraining();
	showSteps();
	const test = ask("loadTest", {}, "test-images.gz", "test-labels.gz"), training = ask("loadTrain", {}, "train-images.gz", "train-labels.gz");
	await refreshPictures();
	await test;
	$("next").disabled = false;
	if (!place) $("next").click();
	await training;
	loaded = true;
	showTraining();
	await refreshPictures();
	chooseWeight(await ask("steepest"));
	if (document.wasDiscarded) say($("status"), "The browser had put this tab away: a training that was not saved is lost.", "ブラウザがこのタブを破棄していた。保存していない学習は失われた。");
	else $("status").replaceChildren();
}
