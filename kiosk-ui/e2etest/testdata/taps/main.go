// Command taps shows two answers in the kiosk's window, and prints which one
// was pressed.
package main

import (
	"fmt"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
	"github.com/openreferendum/referendum/kiosk-ui/window"
)

func main() {
	w := window.Open(window.Options{Title: "taps", Press: func(name string, _ screen.Screen) { fmt.Println("pressed", name) }})
	w.Run(func() {
		w.Show(screen.Screen{
			ID: "taps", Language: "en", Title: "Taps",
			Parts: []screen.Part{screen.Options{Items: []screen.Option{{Press: "agree", Label: "agree"}, {Press: "disagree", Label: "disagree"}}}},
		})
	})
}
