#include "commands.hpp"
namespace atalaya::app {
Result<void> run_serve(const ServeOptions&) { return fail(ErrorCode::unimplemented, "app.serve"); }
}
