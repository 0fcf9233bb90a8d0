//go:build race

package gallerytest

// sparing: the race detector makes drawing ten times as slow, and there is one
// goroutine that draws.
const sparing = true
