// Known bugs that the simulation must catch: the test of the test. Each is planted at a seam of the simulated world, where it has the
// effect that the bug would have in the program.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

namespace mailmirror::simulation {

enum class PlantedBug : std::uint8_t {
  none,
  // The disk.
  file_sync_skipped,
  directory_sync_skipped,
  attic_skipped,           ///< a deletion doesn't go by the attic
  file_lost_at_delivery,   ///< a record is written, its file isn't there
  flag_rename_skipped,     ///< a flag is recorded, the file's name doesn't tell it
  listing_cut_short,       ///< absence is taken from half a listing
  // The dialogue.
  expunges_unheard,        ///< VANISHED is dropped, and the count that would tell of it
  append_sent_twice,
  expunge_of_everything,   ///< EXPUNGE in place of UID EXPUNGE
  move_leaves_origin,      ///< a copy in place of a move
  uid_validity_ignored,
  // What is heard between passes; only live devices listen.
  news_unheard,            ///< VANISHED and all else is dropped in IDLE
  local_news_unheard,      ///< what the kernel tells of directories
  // What is remembered.
  intents_forgotten,
  checkpoint_too_new,      ///< taken from a later response than the SELECT that was worked off
  // What the user asked for.
  pull_writes,             ///< `mode` is ignored; devices that pull or archive show it
};

inline constexpr std::array<std::pair<PlantedBug, std::string_view>, 16> kPlantedBugs{{
    {PlantedBug::file_sync_skipped, "file_sync_skipped"},
    {PlantedBug::directory_sync_skipped, "directory_sync_skipped"},
    {PlantedBug::attic_skipped, "attic_skipped"},
    {PlantedBug::file_lost_at_delivery, "file_lost_at_delivery"},
    {PlantedBug::flag_rename_skipped, "flag_rename_skipped"},
    {PlantedBug::listing_cut_short, "listing_cut_short"},
    {PlantedBug::expunges_unheard, "expunges_unheard"},
    {PlantedBug::append_sent_twice, "append_sent_twice"},
    {PlantedBug::expunge_of_everything, "expunge_of_everything"},
    {PlantedBug::move_leaves_origin, "move_leaves_origin"},
    {PlantedBug::uid_validity_ignored, "uid_validity_ignored"},
    {PlantedBug::news_unheard, "news_unheard"},
    {PlantedBug::local_news_unheard, "local_news_unheard"},
    {PlantedBug::intents_forgotten, "intents_forgotten"},
    {PlantedBug::checkpoint_too_new, "checkpoint_too_new"},
    {PlantedBug::pull_writes, "pull_writes"},
}};

}  // namespace mailmirror::simulation
