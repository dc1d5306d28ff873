// Train.
"use strict";

let losses = [], accuracies = [];
let own = false, running = false; // the net was trained here; its training goes on

function resetTraining() {
	[losses, accuracies] = [[], []];
	for (const id of ["accuracy", "milliseconds", "evaluated", "textbook"]) $(id).textContent = "–";
	$("iteration").textContent = "0";
	say($("train-text"), "", "");
	drawTraining();
	showTraining();
}

// showTraining enables the buttons that have an effect now. It moves the focus
// away from a disabled button.
function showTraining(done = false) {
	const focused = document.activeElement, begun = losses.length > 0;
	for (const id of ["hidden", "lr", "step-size"]) $(id).disabled = begun || running;
	$("start").disabled = done || !loaded;
	$("one").disabled = done || running || !loaded;
	$("all").disabled = running || !loaded;
	$("over").disabled = $("save").disabled = !begun || running;
	if (running) say($("start"), "Stop", "停止");
	else if (begun) say($("start"), "Continue", "続ける");
	else say($("start"), "Start", "開始");
	$("built-in").hidden = !own;
	if (focused.disabled || focused.hidden) $(done ? "over" : "start").focus();
	$("answer").ariaLive = running ? "off" : "polite";
	showNet();
}

function showNet() {
	const steps = losses.length.toLocaleString("en");
	if (own) say($("net"), `Your net, after ${steps} ${steps === "1" ? "step" : "steps"}.`, `ここで ${steps} ステップ学習したネットワークです。`);
	else say($("net"), "The built-in net (accuracy 94.6 %).", "組み込みのネットワークです（認識精度 94.6 %）。");
}

function drawTraining() {
	const each = Math.ceil(losses.length / 300) || 1, points = [];
	for (let i = 0; i + each <= losses.length; i += each) {
		points.push([i + each / 2, losses.slice(i, i + each).reduce((a, b) => a + b) / each]);
	}
	const steps = { from: 0, to: Math.max(100, losses.length), name: ["step", "ステップ"] };
	const most = Math.max(2.5, ...points.map(p => p[1]));
	chart($("losses"), steps, { from: 0, to: most, name: ["loss (nats)", "損失（nat）"] }, [{ kind: "line", points }]);
	chart($("accuracies"), steps, { from: 0, to: 1, name: ["accuracy (share of images)", "認識精度（画像の割合）"] }, [{ kind: "line", points: accuracies }], accuracies.slice(-1).map(point => ({ kind: "dot", point })));
}

// train takes up to the given number of steps and shows them.
async function train(steps) {
	const { iteration, iterations, losses: more, measured, accuracy, gradient, evaluated, textbook, done, diverged } = await ask("train", { steps, milliseconds: 80 });
	losses.push(...more);
	if (diverged) {
		own = false;
		say($("train-text"), `After ${iteration} steps, a weight or the loss was infinite or NaN: the learning rate ${$("lr").value} is too large. The built-in net is back.`,
			`${iteration} ステップで、重みか損失が無限大または NaN になりました。学習率 ${$("lr").value} が大きすぎます。組み込みのネットワークに戻しました。`);
		drawTraining();
		return true;
	}
	if (measured) accuracies.push([iteration, accuracy]);
	$("iteration").textContent = `${iteration.toLocaleString("en")} / ${iterations.toLocaleString("en")}`;
	if (measured) $("accuracy").textContent = `${(100 * accuracy).toFixed(2)} %`;
	$("milliseconds").textContent = `${gradient.toFixed(1)} ms`;
	$("evaluated").textContent = evaluated.toLocaleString("en");
	say($("textbook"), ...duration(textbook));
	sayLoss();
	showNet();
	drawTraining();
	return done;
}

// sayLoss explains a loss far above ln 10, the loss of a guess, or a tiny h.
function sayLoss() {
	const recent = losses.slice(-20), mean = recent.reduce((a, b) => a + b) / recent.length;
	if (mean > 4) say($("train-text"), `The loss is ${mean.toPrecision(3)}, and guessing has 2.3: with the learning rate ${$("lr").value} each step overshoots. Start over with a smaller one, such as 0.1.`,
		`損失は ${mean.toPrecision(3)} で、当てずっぽうの 2.3 より大きくなっています。学習率 ${$("lr").value} では行き過ぎます。0.1 などの小さい値で最初から学習してください。`);
	else if (+$("step-size").value < 1e-18) say($("train-text"), "At this h, w ± h rounds to w: the textbook’s subtraction finds zero, and this engine does not. “Do this for all” above shows both.",
		"この h では w ± h が丸められて w になり、教科書どおりの引き算では 0 になりますが、この計算では 0 になりません。上の「個すべてで行う」で両方を見られます。");
	else say($("train-text"), "", "");
}

// begin starts a training unless one has begun. It reports whether there is one.
async function begin() {
	if (losses.length) return true;
	for (const [id, en, ja] of [
		["hidden", "hidden units: a whole number from 1 to 1,000", "隠れユニットは 1 から 1,000 までの整数にしてください。"],
		["lr", "learning rate: a number from 1e-9 to 1,000", "学習率は 1e-9 から 1,000 までの数にしてください。"],
		["step-size", "h: a number from 1e-300 to 1", "h は 1e-300 から 1 までの数にしてください。"],
	]) {
		if ($(id).value !== "" && $(id).checkValidity()) continue;
		say($("train-text"), en, ja);
		$(id).focus();
		return false;
	}
	say($("train-text"), "Starting …", "開始しています …");
	await exchange("begin", { hidden: +$("hidden").value, lr: +$("lr").value, h: +$("step-size").value });
	return true;
}

// exchange replaces the net and shows the new one. Until then no weight is asked
// about, because the new net may not have it.
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
	if (!running) await settle(); // the numbers of a weight would delay the first step
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

// sayAccuracy announces the accuracy once, after a training.
function sayAccuracy() {
	if (!accuracies.length) return;
	const [step, accuracy] = accuracies.at(-1), [steps, percent] = [step.toLocaleString("en"), `${(100 * accuracy).toFixed(2)} %`];
	say($("status"), `After ${steps} steps, the test accuracy was ${percent}.`, `${steps} ステップの時点で、テスト画像の認識精度は ${percent} です。`);
}

// follow shows the current net. The numbers of the weight take longer, so they
// get a tenth of the time. settle shows everything.
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
$("built-in").onclick = latest(async () => {
	running = false;
	await exchange("builtIn");
	resetTraining();
});
$("save").onclick = latest(async () => {
	const link = document.createElement("a");
	link.href = URL.createObjectURL(new Blob([bytes(await ask("save"))]));
	link.download = "weights.npz";
	link.click();
	say($("train-text"), "Saved as weights.npz. To continue elsewhere, put it into a new folder: go run ./cmd/train -resume FOLDER",
		"weights.npz として保存しました。続きを学習するには、新しいフォルダに置いて go run ./cmd/train -resume フォルダ を実行してください。");
	setTimeout(() => URL.revokeObjectURL(link.href), 60e3);
});

// paintUnits shows the weights of the hidden units side by side.
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
	say($("status"), "The tab was asleep; the computation continues.", "タブが休止していました。計算を再開します。");
});
