package dispatch_test

import (
	"os"
	"testing"

	"github.com/sensory-agent/sensory-agent/internal/leaktest"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Main(m)) }
