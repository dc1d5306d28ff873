//go:build !unix && !js

package main

const lockFlags = 0
