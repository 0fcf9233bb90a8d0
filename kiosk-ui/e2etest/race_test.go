//go:build race

package e2etest

// underRace says that these tests were built with the race detector.
const underRace = true
