//go:build race

package main

// slowness divides how often violent things are done, and allows as many times
// the memory: the race detector makes all of it several times slower and larger.
const slowness = 10
