// Package play is what the page of cmd/play asks of this project: what digit a
// drawing shows, what the loss does when one weight moves, and a training by
// numerical gradients, some steps at a time. It computes nothing itself: the
// numbers come from packages digit, nn, grad, perturb and train.
//
// The page's script and this package talk in JSON, by [Session.Call]; package
// numgrad/play/wasm is the bridge between them. Everything here runs without a
// browser as well, which is how it is tested.
package play
