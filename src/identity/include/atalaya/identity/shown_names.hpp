#pragma once
// Rows of desks keep the account that wrote them; readers are shown who signs. This leads from one to
// the other.

#include <map>
#include <string>
#include <string_view>

#include <atalaya/base/result.hpp>
#include <atalaya/store/database.hpp>

namespace atalaya::identity {

class ShownNames {
 public:
  /// Of every account, disabled ones too. Fails as the store does.
  [[nodiscard]] static Result<ShownNames> read(store::Transaction& tx);

  /// shown_name() of the account with this name to sign in; what is no account's ("catalogue", another
  /// node's name, a name that is shown already) stays as it is.
  [[nodiscard]] std::string of(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> by_name_;
};

}  // namespace atalaya::identity
