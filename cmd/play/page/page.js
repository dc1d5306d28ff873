// The page: what is clicked becomes a request to the Go program in the worker,
// and its answer becomes text, pictures and curves. All numbers come from there.
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
	element.replaceChildren(...[["en", en], ["ja", ja]].map(([lang, text]) => {
		const span = document.createElement("span");
		span.lang = lang;
		span.textContent = text;
		return span;
	}));
}

function complain(error) {
	$("status").className = "error";
	$("status").textContent = error.message ?? error;
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
	const answer = error === undefined ? JSON.parse(text) : { error };
	if (answer.error !== undefined) reject(new Error(answer.error));
	else resolve(answer.reply);
}

// end tells that there are no more answers.
function end() {
	over = true;
	loaded = false; // so that it stays
	showTraining();
	say($("status"), "The computation has ended unexpectedly: reload the page.", "計算が予期せず終了した。ページを再読み込みしてください。");
	$("status").className = "error";
}

// latest returns a function that runs job, and once more if it was called in
// the meantime: what is asked while one answer is awaited is asked once.
function latest(job) {
	let running = false, again = false;
	return async () => {
		again = true;
		if (running) return;
		running = true;
		while (again) {
			again = false;
			await job().catch(complain);
		}
		running = false;
	};
}

// ---- Pictures and curves

const bytes = base64 => Uint8Array.from(atob(base64), c => c.charCodeAt(0));
const ink = v => [0, 0, 0, v];
const signed = v => v < 128 ? [0, 90, 180, 2 * (128 - v)] : [200, 45, 25, 2 * (v - 128)];

// picture returns 28×28 values as a canvas; color is that of one value.
function picture(values, color) {
	const canvas = document.createElement("canvas");
	canvas.width = canvas.height = 28;
	const image = new ImageData(28, 28);
	values.forEach((v, i) => image.data.set(color(v), 4 * i));
	canvas.getContext("2d").putImageData(image, 0, 0);
	return canvas;
}

// paint fills a canvas with a picture, and marks one of its pixels.
function paint(canvas, values, color, marked = -1) {
	const context = canvas.getContext("2d"), zoom = canvas.width / 28;
	context.clearRect(0, 0, canvas.width, canvas.height);
	context.imageSmoothingEnabled = false;
	if (!values.length) return;
	context.drawImage(picture(values, color), 0, 0, canvas.width, canvas.height);
	if (marked < 0) return;
	context.strokeStyle = "#808080";
	context.lineWidth = 2;
	context.strokeRect(marked % 28 * zoom - 1, Math.floor(marked / 28) * zoom - 1, zoom + 2, zoom + 2);
}

const power = v => v.toExponential().replace("e+0", "");

// short is a number in few characters, for axes and labels.
const short = v => v !== 0 && Math.abs(v) < 1e-3 ? (+v.toPrecision(2)).toExponential() : String(+v.toPrecision(3));

function ticks({ from, to, log }) {
	let step = 10 ** Math.floor(Math.log10((to - from) / 3));
	while ((to - from) / step > 4.5) step *= step / 10 ** Math.floor(Math.log10(step)) > 1.5 ? 2.5 : 2;
	if (log) step = Math.ceil((to - from) / 5);
	const values = [];
	for (let k = Math.ceil(from / step - 1e-9); k * step <= to + 1e-9 * step; k++) values.push(k * step);
	return values;
}

// chart draws lines, each {class, points}, and dots over two axes, each {from,
// to, name}; the values of an axis with log are powers of ten.
function chart(svg, x, y, lines, dots = []) {
	const left = 56, right = 342, top = 22, bottom = 190;
	const at = ([a, b]) => [left + (a - x.from) / (x.to - x.from) * (right - left), bottom - (b - y.from) / (y.to - y.from) * (bottom - top)];
	const label = axis => v => axis.log ? power(Number(`1e${v}`)) : short(v);
	const text = (px, py, anchor, content) => `<text x="${px}" y="${py}" text-anchor="${anchor}">${content}</text>`;
	const parts = [`<clipPath id="${svg.id}-clip"><rect x="${left}" y="${top - 3}" width="${right - left}" height="${bottom - top + 6}"/></clipPath>`];
	for (const v of ticks(y)) {
		const py = at([x.from, v])[1];
		parts.push(`<line class="grid" x1="${left}" x2="${right}" y1="${py}" y2="${py}"/>`, text(left - 6, py + 4, "end", label(y)(v)));
	}
	for (const v of ticks(x)) parts.push(text(at([v, y.from])[0], bottom + 16, "middle", label(x)(v)));
	parts.push(text(right, bottom + 29, "end", x.name), text(left, top - 10, "start", y.name));
	for (const { kind, points } of lines) {
		parts.push(`<polyline class="${kind}" clip-path="url(#${svg.id}-clip)" points="${points.map(p => at(p).map(v => v.toFixed(1))).join(" ")}"/>`);
	}
	for (const { kind, point } of dots) {
		const [cx, cy] = at(point);
		if (cy > top - 3 && cy < bottom + 3) parts.push(`<circle class="${kind}" cx="${cx}" cy="${cy}" r="${kind === "small" ? 2.5 : 5}"/>`);
	}
	svg.innerHTML = parts.join("");
}

// ---- Draw

const pen = $("paper").getContext("2d", { willReadFrequently: true });
let place = null, testImage = -1, shownTest = false; // the pen's place; the test image, and whether it is on the paper

for (let digit = 0; digit < 10; digit++) {
	const item = document.createElement("li");
	item.innerHTML = `<span>${digit}</span><meter min="0" max="1" aria-label="${digit}"></meter><span></span>`;
	$("bars").append(item);
}

function showAnswer(answer, label) {
	[...$("bars").children].forEach((item, digit) => {
		const p = answer?.probabilities[digit] ?? 0;
		item.classList.toggle("best", answer?.digit === digit);
		item.querySelector("meter").value = p;
		item.lastChild.textContent = answer ? `${(100 * p).toFixed(1)} %` : "";
	});
	paint($("seen"), answer ? bytes(answer.seen) : [], ink);
	if (!answer) return $("answer").replaceChildren();
	const percent = `${(100 * answer.probabilities[answer.digit]).toFixed(1)} %`;
	const is = label === undefined ? ["", ""] : [`, it is a ${label}`, `、正解は ${label}`];
	say($("answer"), `${answer.digit}, ${percent}${is[0]}`, `${answer.digit}、${percent}${is[1]}`);
	if (!performance.getEntriesByName("first answer").length) performance.mark("first answer");
}

const answerPaper = latest(async () => {
	if (shownTest) {
		const answer = await ask("test", { index: testImage });
		testImage = answer.index;
		pen.clearRect(0, 0, 280, 280);
		pen.imageSmoothingEnabled = false;
		pen.drawImage(picture(bytes(answer.seen), ink), 0, 0, 280, 280);
		showAnswer(answer, answer.label);
	} else {
		const { data } = pen.getImageData(0, 0, 280, 280);
		const answer = await ask("draw", { width: 280 }, new Uint8Array(data.buffer));
		showAnswer(answer.trouble ? null : answer);
		if (answer.trouble === "several") say($("answer"), "Several shapes: draw one digit.", "図形がいくつもある。数字をひとつだけ書く。");
		if (answer.trouble === "frame") say($("answer"), "A frame: draw a digit without one.", "枠がある。数字だけを書く。");
	}
});

function clearPaper() {
	pen.clearRect(0, 0, 280, 280);
	shownTest = false;
}

function stroke(from, to) {
	if (shownTest) clearPaper();
	pen.lineWidth = 22;
	pen.lineCap = "round";
	pen.beginPath();
	pen.moveTo(...from);
	pen.lineTo(...to);
	pen.stroke();
	answerPaper();
}

const onPaper = event => [event.offsetX, event.offsetY].map(v => v * 280 / $("paper").clientWidth);
$("paper").onpointerdown = event => {
	$("paper").setPointerCapture(event.pointerId);
	place = onPaper(event);
	stroke(place, place);
};
$("paper").onpointermove = event => {
	if (!event.buttons || !place) return;
	stroke(place, onPaper(event));
	place = onPaper(event);
};
$("paper").onkeydown = event => {
	const by = { ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, -10], ArrowDown: [0, 10] }[event.key];
	if (!by) return;
	event.preventDefault();
	place ??= [140, 140];
	const to = place.map((v, i) => Math.min(270, Math.max(10, v + by[i])));
	if (event.shiftKey) stroke(place, to);
	place = to;
	$("paper").style.setProperty("--x", `${to[0] / 2.8}%`);
	$("paper").style.setProperty("--y", `${to[1] / 2.8}%`);
};
$("clear").onclick = () => {
	clearPaper();
	answerPaper();
};
$("next").onclick = () => {
	testImage++;
	shownTest = true;
	answerPaper();
};

// ---- Nudge

let pictures = null; // of the net: {weights, units, w1, ink}
let weight = { array: "W1", row: 0, column: 0 };

const h = () => Number($("h").value === "-17" ? "1e-50" : `1e${$("h").value}`);
const s = () => $("s").value * h();

const refreshPictures = latest(async () => {
	pictures = await ask("pictures");
	pictures.w1 = bytes(pictures.w1);
	pictures.ink = bytes(pictures.ink ?? "");
	document.querySelectorAll(".weights").forEach(e => { e.textContent = pictures.weights.toLocaleString("en"); });
	paintUnits();
	paintWeight();
});

const unitPicture = unit => pictures.w1.subarray(784 * unit, 784 * (unit + 1));

function paintWeight() {
	if (!pictures) return;
	const { array, row, column } = weight;
	const unit = array === "W2" ? row : array === "b2" ? -1 : column, pixel = array === "W1" ? row : -1;
	paint($("ink"), pictures.ink, ink, pixel);
	paint($("unit"), unit < 0 ? [] : unitPicture(unit), signed, pixel);
}

function chooseWeight(chosen) {
	if (!pictures) return;
	weight = { ...weight, ...chosen };
	const { array, row, column } = weight;
	const shapes = { W1: [784, pictures.units], b1: [1, pictures.units], W2: [pictures.units, 10], b2: [1, 10] };
	weight.row = Math.max(0, Math.min(row, shapes[array][0] - 1));
	weight.column = Math.max(0, Math.min(column, shapes[array][1] - 1));
	$("array").value = array;
	[["row", 0], ["column", 1]].forEach(([id, i]) => {
		$(id).max = shapes[array][i] - 1;
		$(id).value = weight[id];
	});
	$("row").disabled = shapes[array][0] === 1;
	$("whole").hidden = true;
	paintWeight();
	refreshNudge();
}

function showSteps() {
	for (const [id, text] of [["h", power(h())], ["s", short(s())]]) {
		$(`${id}-value`).textContent = $(id).ariaValueText = text;
	}
}

const refreshNudge = latest(async () => {
	showSteps();
	if (!pictures?.ink.length) return;
	const asked = { h: h(), s: s() }, n = await ask("nudge", { ...weight, ...asked });
	const difference = n.plus - n.minus;
	for (const [id, v] of Object.entries({ value: n.value, loss: n.loss, moved: n.moved, "loss-plus": n.plus, "loss-minus": n.minus })) {
		$(id).textContent = v.toPrecision(17);
	}
	$("difference").textContent = difference.toExponential(9);
	markAgreement(n.numerical, n.backprop);
	drawCurve(n, asked);
	drawErrors(n, asked);
});

// markAgreement shows two numbers with the digits that they share in bold.
function markAgreement(numerical, backprop) {
	const [a, b] = [numerical, backprop].map(v => v.toExponential(12));
	let same = 0;
	while (same < a.length && a[same] === b[same]) same++;
	if (a.split("e")[1] !== b.split("e")[1]) same = 0;
	for (const [id, text] of [["numerical", a], ["backprop", b]]) {
		$(id).innerHTML = `<b>${text.slice(0, same)}</b>${text.slice(same)}`;
	}
}

function drawCurve(n, { h, s }) {
	const reach = 2 * h, changes = n.curve, points = changes.map((v, i) => [(2 * i / (changes.length - 1) - 1) * reach, v]);
	const below = Math.min(...changes), above = Math.max(...changes), room = 0.08 * (above - below) || 1e-16;
	const middle = (n.plus + n.minus) / 2 - n.loss;
	const line = (slope, offset) => [-reach, reach].map(v => [v, offset + slope * v]);
	chart($("curve"), { from: -reach, to: reach, name: "s" }, { from: below - room, to: above + room, name: "L(w + s) − L(w)" }, [
		{ kind: "line", points },
		{ kind: "secant", points: line(n.numerical, middle) },
		{ kind: "tangent", points: line(n.backprop, 0) },
	], [
		{ kind: "end", point: [-h, n.minus - n.loss] },
		{ kind: "end", point: [h, n.plus - n.loss] },
		{ kind: "dot", point: [s, n.moved - n.loss] },
	]);
}

function drawErrors(n, { h }) {
	const points = n.errors.map((e, k) => [-k, Math.log10(Math.max(e, 1e-17))]);
	const exponent = Math.max(-16.4, Math.log10(h)), error = Math.log10(Math.max(Math.abs(n.numerical - n.backprop), 1e-17));
	chart($("errors"), { from: -16.5, to: 0.5, log: true, name: "h" }, { from: Math.floor(Math.min(...points.map(p => p[1]), error)) - 0.5, to: 0.5 + Math.ceil(Math.max(...points.map(p => p[1]))), log: true, name: "" },
		[{ kind: "line", points }], [...points.map(point => ({ kind: "small", point })), { kind: "dot", point: [exponent, error] }]);
}

function onPixel(canvas, choose) {
	canvas.onclick = event => {
		const [column, row] = [event.offsetX, event.offsetY].map(v => Math.max(0, Math.min(27, Math.floor(v * 28 / canvas.clientWidth))));
		choose(28 * row + column);
	};
}
const unitInUse = () => weight.array === "W2" ? weight.row : weight.array === "b2" ? 0 : weight.column;
onPixel($("ink"), row => chooseWeight({ array: "W1", row, column: unitInUse() }));
onPixel($("unit"), row => chooseWeight({ array: "W1", row, column: unitInUse() }));
for (const id of ["array", "row", "column"]) {
	$(id).onchange = () => chooseWeight({ array: $("array").value, row: +$("row").value, column: +$("column").value });
}
$("h").oninput = $("s").oninput = () => {
	showSteps();
	refreshNudge();
};
for (const [id, by] of [["minus", -1], ["back", 0], ["plus", 1]]) {
	$(id).onclick = () => {
		$("s").value = by;
		refreshNudge();
	};
}

$("all").onclick = latest(async () => {
	const unit = unitInUse(), all = await ask("all", { h: h(), column: unit });
	if (running) return; // the net is another by now
	$("whole").hidden = false;
	paint($("gradient"), bytes(all.picture), signed);
	const [weights, losses] = [all.weights, all.losses].map(v => v.toLocaleString("en"));
	say($("whole-text"),
		`All ${weights} weights took ${all.milliseconds.toFixed(1)} ms. They stand for ${losses} losses, which take ${duration(all.textbook)[0]} one by one. The largest difference from backprop is ${all.deviation.toExponential(1)}. Each change of the loss is computed by itself, not as a difference of two losses, so round-off does not spoil it.`,
		`${weights} 個の重みすべてで ${all.milliseconds.toFixed(1)} ms。損失 ${losses} 回分で、ひとつずつ計算すると ${duration(all.textbook)[1]}かかる。誤差逆伝播との差は最大 ${all.deviation.toExponential(1)}。損失どうしの引き算ではなく、変化そのものを計算するので、丸め誤差に強い。`);
});

// duration returns milliseconds in words of both languages.
function duration(milliseconds) {
	let [en, ja, size] = ["s", "秒", 1000];
	for (const unit of [["min", "分", 60e3], ["hours", "時間", 3600e3], ["days", "日", 86400e3]]) if (milliseconds >= 2 * unit[2]) [en, ja, size] = unit;
	const n = (milliseconds / size).toPrecision(2);
	return [`${+n} ${en}`, `${+n} ${ja}`];
}

// ---- Train

let losses = [], accuracies = [];
let own = false, running = false; // the net in use was begun here; its training goes on

function resetTraining() {
	[losses, accuracies] = [[], []];
	for (const id of ["accuracy", "milliseconds", "evaluated", "textbook"]) $(id).textContent = "–";
	$("iteration").textContent = "0";
	drawTraining();
	showTraining();
}

// showTraining shows which buttons make sense.
function showTraining(done = false) {
	const begun = losses.length > 0;
	for (const id of ["hidden", "lr", "step-size"]) $(id).disabled = begun || running;
	$("start").disabled = done || !loaded;
	$("one").disabled = done || running || !loaded;
	$("all").disabled = running || !loaded;
	$("over").disabled = $("save").disabled = !begun || running;
	if (running) say($("start"), "Pause", "一時停止");
	else if (begun) say($("start"), "Go on", "続ける");
	else say($("start"), "Start", "開始");
	$("ship").hidden = !own;
	showNet();
}

function showNet() {
	if (own) say($("net"), `The net is yours, after ${losses.length.toLocaleString("en")} steps.`, `いまのネットワークは、ここで ${losses.length.toLocaleString("en")} ステップ学習したもの。`);
	else say($("net"), "The net is the one that ships, 94.6 % right.", "いまのネットワークは同梱のもの。正解率 94.6 %。");
}

function drawTraining() {
	const each = Math.ceil(losses.length / 300) || 1, points = [];
	for (let i = 0; i + each <= losses.length; i += each) {
		points.push([i + each / 2, losses.slice(i, i + each).reduce((a, b) => a + b) / each]);
	}
	const steps = { from: 0, to: Math.max(100, losses.length), name: "" };
	const most = Math.max(2.5, ...points.map(p => p[1]));
	chart($("losses"), steps, { from: 0, to: most, name: "" }, [{ kind: "line", points }]);
	chart($("accuracies"), steps, { from: 0, to: 1, name: "" }, [{ kind: "line", points: accuracies }], accuracies.slice(-1).map(point => ({ kind: "dot", point })));
}

// train goes on for at most so many steps, and shows what they have done.
async function train(steps) {
	const { iteration, iterations, losses: more, measured, accuracy, gradient, evaluated, textbook, done } = await ask("train", { steps, milliseconds: 80 });
	losses.push(...more);
	if (measured) accuracies.push([iteration, accuracy]);
	$("iteration").textContent = `${iteration.toLocaleString("en")} / ${iterations.toLocaleString("en")}`;
	if (measured) $("accuracy").textContent = `${(100 * accuracy).toFixed(2)} %`;
	$("milliseconds").textContent = `${gradient.toFixed(1)} ms`;
	$("evaluated").textContent = evaluated.toLocaleString("en");
	say($("textbook"), ...duration(textbook));
	showNet();
	drawTraining();
	return done;
}

// begin starts a training unless one has begun. It reports whether there is one.
async function begin() {
	if (losses.length) return true;
	if (!$("settings").reportValidity()) return false;
	await ask("begin", { hidden: +$("hidden").value, lr: +$("lr").value, h: +$("step-size").value });
	own = true;
	showTraining();
	return true;
}

const run = latest(async () => {
	running = true;
	showTraining();
	let done = false;
	try {
		if (!await begin()) return;
		$("whole").hidden = true;
		for (let round = 0; running && !done; round++) {
			done = await train(1000);
			if (round % 4 === 0) await follow();
		}
	} finally {
		running = false;
		showTraining(done);
		await settle();
	}
});

// follow shows the net as it is now. The numbers of the weight take longer, and
// have a tenth of the time. settle shows everything.
let nudgeAgain = 0;
async function follow() {
	refreshPictures();
	answerPaper();
	const start = performance.now();
	if (start < nudgeAgain) return;
	await refreshNudge();
	nudgeAgain = start + 10 * (performance.now() - start);
}
async function settle() {
	await refreshPictures();
	answerPaper();
	chooseWeight({});
}

$("settings").onsubmit = event => {
	event.preventDefault();
	if (running) running = false;
	else run();
};
$("one").onclick = latest(async () => {
	if (running || !await begin()) return;
	showTraining(await train(1));
	await settle();
});
$("over").onclick = latest(async () => {
	[losses, accuracies] = [[], []];
	await begin();
	resetTraining();
	await settle();
});
$("ship").onclick = latest(async () => {
	running = false;
	await ask("ship");
	own = false;
	resetTraining();
	await settle();
});
$("save").onclick = latest(async () => {
	const link = document.createElement("a");
	link.href = URL.createObjectURL(new Blob([bytes(await ask("save"))]));
	link.download = "mnist.npz";
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 60e3);
});

// paintUnits shows the weights of all hidden units, side by side.
let columns = 1;
function paintUnits() {
	const canvas = $("units"), zoom = 2, size = 30;
	columns = Math.max(1, Math.min(pictures.units, Math.floor(canvas.parentElement.clientWidth / (zoom * size))));
	canvas.width = columns * size;
	canvas.height = Math.ceil(pictures.units / columns) * size;
	canvas.style.width = `${zoom * canvas.width}px`;
	const context = canvas.getContext("2d");
	for (let unit = 0; unit < pictures.units; unit++) {
		context.drawImage(picture(unitPicture(unit), signed), 1 + unit % columns * size, 1 + Math.floor(unit / columns) * size);
	}
}
$("units").onclick = event => {
	const [column, row] = [event.offsetX, event.offsetY].map(v => Math.floor(v / 60)), unit = row * columns + column;
	if (unit < pictures.units) chooseWeight({ array: "W1", row: weight.array === "W1" ? weight.row : 0, column: unit });
};
addEventListener("resize", () => pictures && paintUnits());

document.addEventListener("resume", () => {
	say($("status"), "The tab was asleep: what was under way has waited, and goes on.", "タブが休止していた。途中の計算は待っていて、いま再開した。");
});

// ---- The beginning

async function open() {
	if (typeof WebAssembly === "undefined" || typeof DecompressionStream === "undefined" || typeof Worker === "undefined") {
		throw new Error(document.documentElement.lang === "ja" ? "このブラウザには WebAssembly がない。新しいブラウザで開いてください。" : "This browser lacks WebAssembly: open the page in a newer one.");
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
open().catch(complain);
