// Package window is the kiosk's window on a real display. It is apart from
// package kioskui because it is what brings OpenGL into a program.
package window

import _ "fyne.io/fyne/v2/app"
