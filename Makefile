# The two that matter:
#
#	make train   the book's training, by numerical gradients   [ARGS="-hidden 100"]
#	make test    the checks, in some minutes
.PHONY: exercises train ships test test-long fuzz vulnerabilities test-page test-numpy test-python bench-python own-run report chapter4 figures deeper generate compare bench rivals

train:
	go run ./cmd/train $(ARGS)

# The net that ships inside package models, its curves and its page.
ships:
	rm -f runs/ships.npz runs/ships.jsonl runs/ships.png
	go run ./cmd/train -out runs/ships.npz
	cp runs/ships.npz models/mnist.npz
	go test -count=1 ./internal/figure -run CurvesInDocs -update

# With a C compiler, which the race detector needs, and without the network once
# the modules are there.
race := $(shell test "$$(go env CGO_ENABLED)" = 1 && echo -race)

test:
	test -z "$$(gofmt -l . | tee /dev/stderr)"
	go vet ./...
	go tool staticcheck ./...
	@test -n "$(race)" || echo "no C compiler: the tests run without the race detector"
	go test $(race) ./...
	# What the race detector is too slow for: every case of the checks, and all
	# images.
	go test ./gradcheck ./cmd/chapter4
	# The other kernels, and gonum's own plain code: the same bits.
	bits=$$(go test -count=1 -v -run KernelsSameBits ./perturb | sed -n 's/.*: bits //p') && test -n "$$bits" && \
	NUMGRAD_TEST_BITS=$$bits go test -tags purego,noasm ./internal/kernel ./nn ./perturb
	cd exercises && go vet . ./solutions && go test .

# What takes longer than a look at a change should: see each test's comment.
test-long:
	NUMGRAD_LONG=1 go test -count=1 ./perturb
	NUMGRAD_LONG=1 go test -count=1 -run Long ./cmd/chapter4
	NUMGRAD_LONG=1 go test -count=1 -timeout 60m ./gradcheck

# Every fuzz target for a minute, or FUZZTIME=10s, with its executions.
FUZZTIME = 1m
fuzz:
	@grep -rE --include='*_test.go' '^func Fuzz' . | sed -E 's|^(.*)/[^/]*:func (Fuzz[A-Za-z]*).*|\1 \2|' | \
	while read folder target; do \
		out=$$(go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$folder 2>&1) || { echo "$$out"; exit 1; }; \
		echo "$$folder $$target: $$(echo "$$out" | grep -o 'execs: [0-9]*' | tail -n 1)"; \
	done

# Known faults in the modules and in Go itself. It needs the network, for the
# tool and for the list at vuln.go.dev.
vulnerabilities:
	go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...

# Every number of the book's chapter 4, with a training, and its figures.
chapter4:
	go run ./cmd/chapter4 -out figures

# The figures in docs, of the training that ships, the code and the tables of
# docs/chapter4.md, and the tables of the translations.
figures:
	go run ./cmd/chapter4 -quick -format png -out docs/chapter4
	go test -count=1 ./internal/figure -run CurvesInDocs -update
	go test -count=1 ./cmd/chapter4 -run Document -update
	go test -count=1 ./docs -run Tables -update

# The net in a browser: draw, nudge one weight, train.   [ARGS=-open]
.PHONY: play test-platforms
play:
	go run ./cmd/play $(ARGS)

# The nets of docs/deeper.md, by numerical gradients and by backpropagation: five
# minutes where nothing else runs.
deeper:
	mkdir -p runs && go build -o runs/train ./cmd/train
	for shape in "50" "100 -activation relu -std he" "100,100 -activation relu -std he" "100,50,50 -activation relu -std he" "800 -activation relu -std he"; do \
		for gradient in numerical backprop; do \
			echo && echo "train -hidden $$shape -gradient $$gradient" && \
			runs/train -hidden $$shape -gradient $$gradient -out "runs/deeper-$${shape%% *}-$$gradient.npz" 2>&1 | tail -n 4 || exit 1; \
		done; \
	done

# What the trained net has learned, as a page.
report:
	go run ./cmd/report

# The pages of cmd/report and cmd/play as a browser shows them, and the pictures
# of them for the README. It needs Chromium: apt-get install chromium
test-page:
	NUMGRAD_CHROMIUM=1 NUMGRAD_SCREENSHOT=docs/report.png go test -count=1 -run Chromium ./cmd/report
	NUMGRAD_CHROMIUM=1 NUMGRAD_SCREENSHOT=docs/play.png go test -count=1 -v -run Chromium ./cmd/play

# Checks your answers in exercises/yours, in Go and in Python.
exercises:
	@cd exercises && go run . || true
	@for p in python3 /usr/bin/python3 none; do $$p -c 'import numpy' 2>/dev/null && { $$p exercises/check.py || true; break; }; done; \
	test $$p != none || echo "the answers in Python are not checked: python3 has no NumPy"

# What this machine is not: it compiles and is vetted for the others.
test-platforms:
	GOOS=js GOARCH=wasm go build ./...
	GOOS=linux GOARCH=arm64 go vet ./...
	GOOS=darwin GOARCH=arm64 go vet ./...
	GOOS=windows GOARCH=amd64 go vet ./...

# Files that go to NumPy and come from it. It needs NumPy: apt-get install python3-numpy
test-numpy:
	NUMGRAD_NUMPY=/usr/bin/python3 go test -count=1 -run NumPy ./internal/npz ./cmd/gradcheck ./cmd/train ./cmd/chapter4
	cd exercises && /usr/bin/python3 test_check.py

# The book's whole training, by backprop in NumPy, and again by cmd/train: as
# docs/chapter4.md has it. NumPy needs minutes for it.
own-run:
	NUMGRAD_NUMPY=/usr/bin/python3 NUMGRAD_WHOLE=1 go test -count=1 -timeout 30m -run WholeNumPy ./cmd/train $(ARGS)

# Gradients of programs in Python and C, right ones and planted bugs. It needs
# them: apt-get install python3-numpy python3-torch python3-pytest gcc libc6-dev
test-python:
	$(with-gradcheck) /usr/bin/python3 -m pytest -q -p no:cacheprovider python

# The table of docs/anyloss.md: PyTorch's checker beside this one. It needs the
# same, and some 15 minutes.
bench-python:
	$(with-gradcheck) cc -O2 -o $$dir/logistic python/examples/logistic.c -lm && \
	/usr/bin/python3 python/examples/measure.py $$dir/logistic

with-gradcheck = dir=$$(mktemp -d) && trap "rm -rf $$dir" EXIT && go build -o $$dir/gradcheck ./cmd/gradcheck && \
	export NUMGRAD_GRADCHECK=$$dir/gradcheck PYTHONPATH=python PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 &&

# What the rules of other tools make of the planted bugs in docs/gradcheck.md.
rivals:
	go test -count=1 ./gradcheck -run Rivals -rivals -update

# The assembly, made anew by its generator, which is downloaded. It fails if the
# files that are there are others.
generate:
	cd internal/kernel && go generate
	git diff --exit-code -- internal/kernel/kernel_amd64.s internal/kernel/stubs_amd64.go

# The gradient beside the textbook's loop in NumPy and PyTorch's backpropagation,
# timed in one run of a minute. It needs them: apt-get install python3-numpy python3-torch
compare:
	NUMGRAD_NUMPY=/usr/bin/python3 go test -count=1 -v -run ComparePython ./perturb

# The price of the gradients, side by side, and how it grows.
bench:
	go test -run '^$$' -bench . ./perturb
	go test -run '^$$' -bench . ./internal/kernel ./grad ./gradcheck ./chapter4
