//go:build js

// Wasm is the program that the page of cmd/play runs in its worker. It offers
// one function, numgrad(request, ...data), which is the Call of package play:
// a string and any number of Uint8Arrays in, a string out.
package main

import (
	"syscall/js"

	"numgrad/play"
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
	select {} // calls come from now on
}
