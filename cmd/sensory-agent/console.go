package main

import (
	"fmt"
	"net/http"

	"github.com/sensory-agent/sensory-agent/internal/ops"
	"github.com/sensory-agent/sensory-agent/web"
)

// console is the page of --listen. It may reach the LiveKit server that POST /token names.
func (f *residentFlags) console() (http.Handler, error) {
	return web.New(web.Config{Servers: []string{f.engine.file.Text("token.url", f.connect.URL)}})
}

// tellConsole says where the console is.
func tellConsole(out *timeline, pages *ops.Server, there bool) {
	if pages != nil && there {
		out.print(line{Event: "console", Detail: fmt.Sprintf("http://%s%s", pages.Address(), ops.RootPath)})
	}
}
