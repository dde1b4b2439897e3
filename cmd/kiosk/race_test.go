//go:build race

package main

// slowness divides how often violent things are done: the race detector makes
// every process start and every save several times slower.
const slowness = 5
