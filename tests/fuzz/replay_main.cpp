// Runs every file below the folders (or the files) that are named through a fuzz target, without libFuzzer: so that what fuzzing once
// found stays a test under every compiler.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

void replay(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in.good()) throw std::runtime_error("can't read " + file.string());
  // A target ends the program at a finding: the last line tells which file it was.
  std::printf("%s\n", file.c_str());
  std::fflush(stdout);
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

std::size_t replay_all(const fs::path& place) {
  if (!fs::is_directory(place)) return replay(place), 1;
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(place)) {
    if (!entry.is_regular_file()) continue;
    replay(entry.path());
    ++files;
  }
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t files = 0;
  try {
    for (int n = 1; n < argc; ++n) files += replay_all(argv[n]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
  std::printf("%zu files\n", files);
  // An empty folder would make a test that can't fail.
  return files > 0 ? 0 : 2;
}
