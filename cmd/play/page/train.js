// Train.
"use strict";

let losses = [], accuracies = [];
let own = false, running = false; // the net in use was begun here; its training goes on

function resetTraining() {
	[losses, accuracies] = [[], []];
	for (const id of ["accuracy", "milliseconds", "evaluated", "textbook"]) $(id).textContent = "–";
	$("iteration").textContent = "0";
	drawTraining();
	showTraining();
}

// showTraining shows which buttons make sense. The focus does not stay on one
// that makes none.
function showTraining(done = false) {
	const focused = document.activeElement, begun = losses.length > 0;
	for (const id of ["hidden", "lr", "step-size"]) $(id).disabled = begun || running;
	$("start").disabled = done || !loaded;
	$("one").disabled = done || running || !loaded;
	$("all").disabled = running || !loaded;
	$("over").disabled = $("save").disabled = !begun || running;
	if (running) say($("start"), "Pause", "一時停止");
	else if (begun) say($("start"), "Go on", "続ける");
	else say($("start"), "Start", "開始");
	$("ship").hidden = !own;
	if (focused.disabled || focused.hidden) $(done ? "over" : "start").focus();
	$("answer").ariaLive = running ? "off" : "polite";
	showNet();
}

function showNet() {
	const steps = losses.length.toLocaleString("en");
	if (own) say($("net"), `The net is yours, after ${steps} ${steps === "1" ? "step" : "steps"}.`, `いまのネットワークは、ここで ${steps} ステップ学習したもの。`);
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
	await exchange("begin", { hidden: +$("hidden").value, lr: +$("lr").value, h: +$("step-size").value });
	return true;
}

// exchange puts another net in use, and shows it. Until that is done, no weight
// is asked about: the other net may not have it.
let exchanging = false;
async function exchange(call, settings) {
	exchanging = true;
	try {
		await ask(call, settings);
		own = call === "begin";
		showTraining();
		await refreshPictures();
	} finally {
		exchanging = false;
	}
	await settle();
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
			if (round % 4 === 0) follow();
		}
	} finally {
		running = false;
		showTraining(done);
		await settle();
		sayAccuracy();
	}
});

// sayAccuracy says once what a screen reader does not hear while the net learns.
function sayAccuracy() {
	if (!accuracies.length) return;
	const [step, accuracy] = accuracies.at(-1), [steps, percent] = [step.toLocaleString("en"), `${(100 * accuracy).toFixed(2)} %`];
	say($("status"), `After ${steps} steps, the test accuracy was ${percent}.`, `${steps} ステップの時点で、テスト精度は ${percent}。`);
}

// follow shows the net as it is now. The numbers of the weight take longer, and
// have a tenth of the time. settle shows everything.
let nudgeAgain = 0;
function follow() {
	refreshPictures();
	answerPaper();
	const start = performance.now();
	if (start < nudgeAgain) return;
	nudgeAgain = Infinity;
	refreshNudge().then(() => { nudgeAgain = start + 10 * (performance.now() - start); });
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
	resetTraining();
	await begin();
});
$("ship").onclick = latest(async () => {
	running = false;
	await exchange("ship");
	resetTraining();
});
$("save").onclick = latest(async () => {
	const link = document.createElement("a");
	link.href = URL.createObjectURL(new Blob([bytes(await ask("save"))]));
	link.download = "mnist.npz";
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 60e3);
});

// paintUnits shows the weights of the hidden units, side by side.
let columns = 1;
function paintUnits() {
	const canvas = $("units"), zoom = 2, size = 30, shown = pictures.w1.length / 784;
	if (shown < pictures.units) say($("units-shown"), `, the first ${shown} of ${pictures.units}`, `（${pictures.units} 個のうち最初の ${shown} 個）`);
	else say($("units-shown"), "", "");
	columns = Math.max(1, Math.min(shown, Math.floor(canvas.parentElement.clientWidth / (zoom * size))));
	canvas.width = columns * size;
	canvas.height = Math.ceil(shown / columns) * size;
	canvas.style.width = `${zoom * canvas.width}px`;
	const context = canvas.getContext("2d");
	for (let unit = 0; unit < shown; unit++) {
		context.drawImage(picture(pictures.w1.subarray(784 * unit, 784 * (unit + 1)), signed), 1 + unit % columns * size, 1 + Math.floor(unit / columns) * size);
	}
}
$("units").onclick = event => {
	const [column, row] = [event.offsetX, event.offsetY].map(v => Math.floor(v / 60)), unit = row * columns + column;
	if (784 * unit < pictures.w1.length) chooseWeight({ array: "W1", row: weight.array === "W1" ? weight.row : 0, column: unit });
};
addEventListener("resize", () => pictures && paintUnits());

document.addEventListener("resume", () => {
	say($("status"), "The tab was asleep: what was under way has waited, and goes on.", "タブが休止していた。途中の計算は待っていて、いま再開した。");
});
