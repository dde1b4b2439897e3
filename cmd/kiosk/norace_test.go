//go:build !race

package main

// manyReceptions is a year of a busy station.
const manyReceptions = 10_000
