# make help lists the targets. ARGS are the flags of a command: make train ARGS="-hidden 100"
.PHONY: help train play ships test test-long test-platforms test-page test-numpy test-python bench-python wheel test-wheel own-run fuzz vulnerabilities exercises report chapter4 figures deeper generate compare bench

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

# Builds a command and runs it. After Ctrl-C, make stops without an error.
run = @test -x bin/$(1) || echo "compiling cmd/$(1): about a minute the first time"; \
	go build -o bin/ ./cmd/$(1) && trap : INT && { bin/$(1) $(ARGS) || test $$? = 130; }

train: ## the book's training, by numerical gradients
	$(call run,train)

play: ## a page: draw a digit, nudge a weight, go downhill, train
	$(call run,play)

# The net that is built into package models, and its curves in docs.
ships: ## train the built-in net again
	rm -rf runs/ships
	go run ./cmd/train -out runs/ships
	cp runs/ships/weights.npz models/mnist.npz
	go test -count=1 ./internal/figure -run CurvesInDocs -update

# With a C compiler, which the race detector needs, and without the network once
# the modules are there.
race := $(shell test "$$(go env CGO_ENABLED)" = 1 && echo -race)

test: ## the checks, in some minutes
	test -z "$$(gofmt -l . | tee /dev/stderr)"
	go vet ./...
	go tool staticcheck ./...
	@test -n "$(race)" || echo "no C compiler: the tests run without the race detector"
	go test -timeout 30m $(race) ./...
	# What the race detector is too slow for: every case of the checks, and all
	# images.
	go test -timeout 30m ./gradcheck ./chapter4 ./cmd/chapter4 ./cmd/predict
	cd exercises && go vet . ./solutions && go test .

test-long: ## checks that take longer
	NUMGRAD_LONG=1 go test -count=1 ./perturb
	NUMGRAD_LONG=1 go test -count=1 -run Long ./cmd/chapter4
	NUMGRAD_LONG=1 go test -count=1 -timeout 60m ./gradcheck

FUZZTIME = 1m
fuzz: ## each fuzz target for a minute, or FUZZTIME=10s
	@grep -rE --include='*_test.go' '^func Fuzz' . | sed -E 's|^(.*)/[^/]*:func (Fuzz[A-Za-z]*).*|\1 \2|' | \
	while read folder target; do \
		out=$$(go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$folder 2>&1) || { echo "$$out"; exit 1; }; \
		echo "$$folder $$target: $$(echo "$$out" | grep -o 'execs: [0-9]*' | tail -n 1)"; \
	done

# Needs the network.
vulnerabilities: ## known faults in the modules and in Go
	go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...

chapter4: ## each number of the book's chapter 4, and its figures
	go run ./cmd/chapter4 -out figures

# Needs the built-in net.
figures: ## the figures in docs, and the code and tables of docs/chapter4.md
	go run ./cmd/chapter4 -quick -format png -out docs/chapter4
	go test -count=1 ./internal/figure -run CurvesInDocs -update
	go test -count=1 ./cmd/chapter4 -run Document -update

# Takes five minutes.
deeper: ## the nets of docs/deeper.md, by numerical gradients and by backprop
	go build -o bin/ ./cmd/train
	for shape in "50" "100 -activation relu -std he" "100,100 -activation relu -std he" "100,50,50 -activation relu -std he" "800 -activation relu -std he"; do \
		for gradient in numerical backprop; do \
			echo && echo "train -hidden $$shape -gradient $$gradient" && \
			bin/train -hidden $$shape -gradient $$gradient -out "runs/deeper-$${shape%% *}-$$gradient" 2>&1 | tail -n 4 || exit 1; \
		done; \
	done

report: ## a page of the newest training, or of the built-in net
	go run ./cmd/report

# Needs Chromium: apt-get install chromium
test-page: ## the pages in a browser, and their pictures for the README
	NUMGRAD_CHROMIUM=1 NUMGRAD_SCREENSHOT=docs/report.png go test -count=1 -run Chromium ./cmd/report
	NUMGRAD_CHROMIUM=1 NUMGRAD_SCREENSHOT=docs/play.png go test -count=1 -v -run Chromium ./cmd/play

exercises: ## check your answers in exercises/yours, in Go and Python
	@cd exercises && go run . || true
	@for p in python3 /usr/bin/python3 none; do $$p -c 'import numpy' 2>/dev/null && { $$p exercises/check.py || true; break; }; done; \
	test $$p != none || echo "the answers in Python are not checked: python3 has no NumPy"

test-platforms: ## compile and vet for other platforms
	GOOS=js GOARCH=wasm go build ./...
	GOOS=linux GOARCH=arm64 go vet ./...
	GOOS=darwin GOARCH=arm64 go vet ./...
	GOOS=windows GOARCH=amd64 go vet ./...

# Needs NumPy: apt-get install python3-numpy
test-numpy: ## exchange files and numbers with NumPy
	NUMGRAD_NUMPY=/usr/bin/python3 go test -count=1 -run NumPy ./internal/npz ./cmd/gradcheck ./cmd/train ./cmd/chapter4
	cd exercises && /usr/bin/python3 test_check.py

# Needs NumPy, and takes minutes.
own-run: ## the book's whole training in NumPy, repeated by cmd/train
	NUMGRAD_NUMPY=/usr/bin/python3 NUMGRAD_WHOLE=1 go test -count=1 -timeout 30m -run WholeNumPy ./cmd/train $(ARGS)

# Needs apt-get install python3-numpy python3-torch python3-pytest gcc libc6-dev
test-python: ## gradients of programs in Python and C, right and wrong
	$(with-gradcheck) /usr/bin/python3 -m pytest -q -p no:cacheprovider python

# Needs python3-scipy as well, and takes 10 minutes.
bench-python: ## the table of docs/anyloss.md: the checkers of PyTorch and SciPy, and this one
	$(with-gradcheck) /usr/bin/python3 python/examples/measure.py

wheel: ## dist/numgrad-VERSION-py3-none-PLATFORM.whl: pip install it, without Go
	@dir=$$(mktemp -d) && trap "rm -rf $$dir" EXIT && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o $$dir/gradcheck ./cmd/gradcheck && \
	rm -f dist/numgrad-*.whl && python3 python/wheel.py $$dir/gradcheck dist

# It needs NumPy and venv: apt-get install python3-numpy python3-venv
test-wheel: wheel ## installs the wheel into a fresh environment and checks a gradient there
	@dir=$$(mktemp -d) && trap "rm -rf $$dir" EXIT && /usr/bin/python3 -m venv --system-site-packages $$dir/venv && \
	$$dir/venv/bin/pip install --quiet --no-index --no-deps --disable-pip-version-check dist/numgrad-*.whl && \
	printf '%s\n' 'import numpy as np, numgrad' 'w = np.array([0.5, 2.0])' \
		'print(numgrad.check(lambda: (w**3).sum(), {"w": w}, {"w": 3 * w**2}))' \
		'try: numgrad.check(lambda: (w**3).sum(), {"w": w}, {"w": 3 * w})' 'except AssertionError: print("and the wrong one is wrong")' > $$dir/try.py && \
	cd $$dir && env -u PYTHONPATH -u NUMGRAD_GRADCHECK PATH=/usr/bin:/bin $$dir/venv/bin/python try.py && venv/bin/gradcheck -version

with-gradcheck = dir=$$(mktemp -d) && trap "rm -rf $$dir" EXIT && go build -o $$dir/gradcheck ./cmd/gradcheck && \
	export NUMGRAD_GRADCHECK=$$dir/gradcheck PYTHONPATH=python PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 &&

# Downloads the generator.
generate: ## check that the assembly is what its generator writes
	cd internal/kernel && go generate
	git diff --exit-code -- internal/kernel/kernel_amd64.s internal/kernel/stubs_amd64.go

# Needs apt-get install python3-numpy python3-torch
compare: ## time gradients and a training beside PyTorch and NumPy
	NUMGRAD_NUMPY=/usr/bin/python3 go test -count=1 -timeout 30m -v -run ComparePython ./perturb

bench: ## time the gradients
	go test -run '^$$' -bench . ./perturb
	go test -run '^$$' -bench . ./chapter4
