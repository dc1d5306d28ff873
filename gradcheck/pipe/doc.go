// Package pipe checks the gradient of a model that another program owns, in
// any language.
//
// The program names its parameters with their values and gradients, and then
// answers losses for displaced parameters, in lines of JSON over a pipe.
// docs/anyloss.md is the protocol. [Start] starts such a program, [Open] talks
// to one that is there already, and [Model.Check] is gradcheck.Check on it.
package pipe
