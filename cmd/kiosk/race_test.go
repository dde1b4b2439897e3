//go:build race

package main

// manyReceptions: the race detector makes every save several times slower.
const manyReceptions = 2_000
