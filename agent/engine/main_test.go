package engine_test

import (
	"os"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/internal/leaktest"
)

// shared is what all tests of the package use.
var shared fixture.Shared

func TestMain(m *testing.M) { os.Exit(leaktest.Main(m, shared.Close)) }
