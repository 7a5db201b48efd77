#pragma once

#include <memory>
#include <string>

#include <atalaya/base/result.hpp>
#include <atalaya/store/database.hpp>

namespace atalaya::store {

[[nodiscard]] Result<std::unique_ptr<Database>> open_sqlite(const std::string& path);
[[nodiscard]] Result<std::unique_ptr<Database>> open_postgres(const std::string& address);

}  // namespace atalaya::store
