// What a simulated server can do; the rest of a server's behaviour follows from it.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace mailmirror::simulation {

struct Profile {
  std::string_view name;
  bool condstore = true;
  bool qresync = true;
  bool uidplus = true;
  bool move = true;
  bool list_status = true;
  bool multi_append = true;
  bool literal_plus = true;
  bool object_id = true;
  bool esearch = true;
  bool idle = true;
  bool keywords = true;  ///< PERMANENTFLAGS with \*

  [[nodiscard]] std::string capabilities() const {
    std::string text = "IMAP4rev1 ENABLE NAMESPACE UNSELECT SPECIAL-USE LIST-EXTENDED";
    const std::array<std::pair<bool, std::string_view>, 10> offers{{{condstore, "CONDSTORE"},
                                                                    {qresync, "QRESYNC"},
                                                                    {uidplus, "UIDPLUS"},
                                                                    {move, "MOVE"},
                                                                    {list_status, "LIST-STATUS"},
                                                                    {multi_append, "MULTIAPPEND"},
                                                                    {literal_plus, "LITERAL+"},
                                                                    {object_id, "OBJECTID"},
                                                                    {esearch, "ESEARCH"},
                                                                    {idle, "IDLE"}}};
    for (const auto& [offered, word] : offers)
      if (offered) text.append(" ").append(word);
    return text;
  }
};

/// The servers that seeds choose from.
inline const std::array<Profile, 7>& profiles() {
  static const std::array<Profile, 7> all = [] {
    std::array<Profile, 7> made{};
    made[0].name = "everything";
    made[1].name = "no QRESYNC";
    made[1].qresync = false;
    made[2].name = "no CONDSTORE";
    made[2].qresync = made[2].condstore = false;
    made[3].name = "no UIDPLUS";
    made[3].uidplus = false;
    made[4].name = "no MOVE";
    made[4].move = false;
    made[5].name = "no LIST-STATUS, literals or OBJECTID";
    made[5].list_status = made[5].literal_plus = made[5].multi_append = made[5].object_id = made[5].esearch = false;
    made[6].name = "plain IMAP4rev1";
    made[6] = {"plain IMAP4rev1", false, false, false, false, false, false, false, false, false, false, false};
    return made;
  }();
  return all;
}

}  // namespace mailmirror::simulation
