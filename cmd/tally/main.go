// Command tally is the count of a referendum, on an offline computer.
package main

import "github.com/openreferendum/referendum/internal/terminal"

func main() {
	terminal.Main(terminal.Command("tally", terminal.BuildVersion(), "Usage:\n    tally COMMAND"))
}
