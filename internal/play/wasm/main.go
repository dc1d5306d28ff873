//go:build js

// Wasm is the program that the page of cmd/play runs in its worker. It defines
// one JavaScript function, numgrad(request, ...data): a string and any number of
// Uint8Arrays in, a string out.
package main

import (
	"syscall/js"

	"numgrad/internal/play"
)

func main() {
	session := play.New()
	js.Global().Set("numgrad", js.FuncOf(func(_ js.Value, args []js.Value) any {
		data := make([][]byte, len(args)-1)
		for i, array := range args[1:] {
			data[i] = make([]byte, array.Length())
			js.CopyBytesToGo(data[i], array)
		}
		return session.Call(args[0].String(), data...)
	}))
	select {} // the page calls the function
}
