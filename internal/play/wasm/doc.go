// Wasm is the program that the page of cmd/play runs in its worker. It offers
// one function, numgrad(request, ...data), which is the Call of package play:
// a string and any number of Uint8Arrays in, a string out.
package main
