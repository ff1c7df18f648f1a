// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/machines/engine_bundle.h"

#include "core/base/files.h"
#include "core/base/sha256.h"
#include "core/base/version.h"
#include "core/jobs/local_launch.h"
#include "plugins/sdk/gpu_backend.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <sstream>

namespace cw {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLoader = "ld-linux-x86-64.so.2";

// Started through the loader of the bundle, a program cannot tell from its own path where it is: the variables can. The
// loader forgets LD_LIBRARY_PATH, which on a cluster names the folder of cuBLAS: it comes behind the bundle's own.
constexpr const char* kStarter = R"sh(#!/bin/sh
here=$(dirname "$(dirname "$(readlink -f "$0")")")
CELLWRIGHT_RESOURCES=$here/share/cellwright
CELLWRIGHT_ENGINE=$here/bin/cellwright-engine
export CELLWRIGHT_RESOURCES CELLWRIGHT_ENGINE
exec "$here/lib/ld-linux-x86-64.so.2" --library-path "$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" "$here/libexec/$(basename "$0")" "$@"
)sh";

/// Name in the bundle and the file that becomes it.
using Files = std::map<std::string, fs::path>;

fs::path bundles_folder() {
  if (const char* given = std::getenv("XDG_CACHE_HOME"); given != nullptr && *given != '\0') {
    return fs::path(given) / "cellwright" / "bundles";
  }
  const char* home = std::getenv("HOME");
  return fs::path(home != nullptr ? home : "/tmp") / ".cache" / "cellwright" / "bundles";
}

Error not_made(const std::string& why) {
  return {ErrorCode::kIo, "E-MCH-027", "the engine could not be packed for another machine: " + why};
}

// Adds what `ldd` names: "libx.so.1 => /usr/lib/libx.so.1 (0x...)" and "/lib64/ld-linux-x86-64.so.2 (0x...)".
Result<> add_libraries(const fs::path& program, Files& files) {
  CW_ASSIGN(const CommandOutcome listed, run_command({"ldd", program.string()}));
  if (listed.exit_code != 0) return not_made("ldd " + program.string() + ": " + listed.err);
  std::istringstream lines(listed.out);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.find("not found") != std::string::npos) return not_made(program.string() + " needs" + line);
    const auto begin = line.find('/');
    if (begin == std::string::npos) continue;
    const fs::path library = line.substr(begin, line.rfind(" (") - begin);
    const std::string name =
        line.find("=>") == std::string::npos
            ? library.filename().string()
            : line.substr(line.find_first_not_of("\t "), line.find(" =>") - line.find_first_not_of("\t "));
    files["lib/" + name] = library;
  }
  return {};
}

Result<Files> files_of_bundle() {
  std::error_code status;
  CW_ASSIGN(const fs::path engine, engine_program());
  CW_ASSIGN(const fs::path resources, resources_folder());
  // a bundle that sends itself on holds its programs behind their starters
  const fs::path beside = engine.parent_path();
  const bool is_bundle = fs::exists(beside.parent_path() / "libexec" / "cellwright-engine", status);
  Files files;
  for (const char* name : {"cellwright", "cellwright-engine"}) {
    const fs::path program = (is_bundle ? beside.parent_path() / "libexec" : beside) / name;
    if (!fs::exists(program, status)) return not_made(program.string() + " is missing");
    files[std::string("libexec/") + name] = program;
    if (!is_bundle) CW_TRY(add_libraries(program, files));
  }
  if (is_bundle) {
    for (const auto& entry : fs::directory_iterator(beside.parent_path() / "lib", status)) {
      files["lib/" + entry.path().filename().string()] = entry.path();
    }
  }
  for (const char* folder : {"lib", "lib/cellwright"}) {  // of a build, of an installation; nothing links it
    const fs::path gpu = beside.parent_path() / folder / kGpuLibrary;
    if (!is_bundle && fs::exists(gpu, status)) files[std::string("lib/") + kGpuLibrary] = gpu;
  }
  if (files.count(std::string("lib/") + kLoader) == 0) return not_made(std::string("ldd names no ") + kLoader);
  for (const auto& entry : fs::recursive_directory_iterator(resources, status)) {
    if (!entry.is_regular_file(status)) continue;
    files["share/cellwright/" + entry.path().lexically_relative(resources).string()] = entry.path();
  }
  return files;
}

// Tells whether anything changed since the archive was made, without reading half a gigabyte.
std::string stamp_of(const Files& files) {
  Sha256 hash;
  hash.update(version());
  hash.update(kStarter);
  for (const auto& [name, path] : files) {
    struct stat found {};
    static_cast<void>(::stat(path.c_str(), &found));
    hash.update(name + "|" + path.string() + "|" + std::to_string(found.st_size) + "|" +
                std::to_string(found.st_mtim.tv_sec) + "." + std::to_string(found.st_mtim.tv_nsec) + "\n");
  }
  return hash.finish().substr(0, 16);
}

Result<EngineBundle> bundle_made_before(const fs::path& note) {
  CW_ASSIGN(const Json json, read_json(note));
  EngineBundle bundle{json.value("id", ""), note.parent_path() / json.value("archive", ""), json.value("sha256", "")};
  std::error_code status;
  const bool is_there = static_cast<std::int64_t>(fs::file_size(bundle.archive, status)) == json.value("size", -1LL);
  if (bundle.id.empty() || status || !is_there) return not_made("the archive made before is gone");
  return bundle;
}

// Lays the bundle out as links to the files, and the list of their hashes beside them.
Result<std::string> lay_out(const Files& files, const fs::path& tree, JobContext& context) {
  std::error_code status;
  std::string manifest;
  std::int64_t done = 0;
  const auto total = static_cast<std::int64_t>(files.size()) + 2;
  const auto note = [&manifest](const std::string& name, const std::string& hash) {
    manifest += hash + "  " + name + "\n";
  };
  for (const auto& [name, path] : files) {
    if (context.cancelled()) return cancelled_error("packing the engine");
    context.report(done++, total, "Packing files");
    fs::create_directories((tree / name).parent_path(), status);
    fs::create_symlink(fs::absolute(path), tree / name, status);
    if (status) return not_made((tree / name).string() + ": " + status.message());
    CW_ASSIGN(const std::string hash, sha256_of_path(path));
    note(name, hash);
  }
  for (const char* name : {"bin/cellwright", "bin/cellwright-engine"}) {
    CW_TRY(write_file_atomically(tree / name, kStarter));
    fs::permissions(tree / name, fs::perms::owner_all | fs::perms::group_exec | fs::perms::group_read, status);
    note(name, sha256(kStarter));
  }
  CW_TRY(write_file_atomically(tree / "manifest.sha256", manifest));
  return sha256(manifest);
}

Result<EngineBundle> pack(const Files& files, const fs::path& folder, const fs::path& note, JobContext& context) {
  std::error_code status;
  CW_ASSIGN(const fs::path scratch, make_scratch_folder(folder));
  auto made = [&]() -> Result<EngineBundle> {
    CW_ASSIGN(const std::string hash, lay_out(files, scratch / "tree", context));
    EngineBundle bundle;
    bundle.id = std::string(version()) + "-" + hash.substr(0, 12);
    bundle.archive = folder / ("cellwright-engine-" + bundle.id + "-linux-x86_64.tar.gz");
    CommandOptions options;
    options.stop = [&context] { return context.cancelled(); };
    const fs::path archive = scratch / "archive.tar.gz";
    // gzip, because every machine can unpack it; fast, because a line of 100 Mbit/s is no faster
    CW_ASSIGN(const CommandOutcome packed,
              run_command({"tar", "--create", "--dereference", "--use-compress-program=gzip -1", "--owner=0",
                           "--group=0", "--numeric-owner", "--sort=name", "--mtime=@0", "--file=" + archive.string(),
                           "--directory=" + (scratch / "tree").string(), "."},
                          options));
    if (packed.stopped) return cancelled_error("packing the engine");
    if (packed.exit_code != 0) {
      const bool full = packed.err.find("No space left") != std::string::npos;
      return full ? Error{ErrorCode::kNoSpace, "E-IO-003", folder.string() + ": the disk is full"}
                  : not_made(packed.err);
    }
    CW_ASSIGN(bundle.sha256, sha256_of_path(archive));
    fs::rename(archive, bundle.archive, status);
    if (status) return not_made(bundle.archive.string() + ": " + status.message());
    CW_TRY(write_json(note, {{"id", bundle.id},
                             {"archive", bundle.archive.filename().string()},
                             {"sha256", bundle.sha256},
                             {"size", fs::file_size(bundle.archive, status)}}));
    return bundle;
  }();
  fs::remove_all(scratch, status);
  return made;
}

std::string unpack_script(const EngineBundle& bundle, const std::string& archive) {
  return "cd \"$root/engines\" || exit 1; new=." + bundle.id +
         ".$$; trap 'rm -rf \"$new\"' EXIT; mkdir -p \"$new\" && " + "tar -xzf " + shell_quoted(archive) +
         " -C \"$new\" || exit 1; " + "(cd \"$new\" && sha256sum -c --quiet manifest.sha256 >&2) || exit 76; " +
         "[ -e " + bundle.id + " ] || mv -T \"$new\" " + bundle.id + "; rm -f " + shell_quoted(archive) + "; true";
}

}  // namespace

Result<EngineBundle> make_engine_bundle(JobContext& context) {
  CW_ASSIGN(const Files files, files_of_bundle());
  const fs::path folder = bundles_folder();
  const fs::path note = folder / (stamp_of(files) + ".json");
  if (auto before = bundle_made_before(note); before.ok()) return before;
  return pack(files, folder, note, context);
}

Result<std::string> install_engine(const Connection& connection, JobContext& context) {
  CW_ASSIGN(const EngineBundle bundle, make_engine_bundle(context));
  const std::string program = "\"$root\"/engines/" + bundle.id + "/bin/cellwright";
  const std::string ask = "if [ -x " + program + " ]; then " + program + " --version; else echo missing; fi";
  CommandOptions options;
  options.timeout = std::chrono::minutes(10);
  options.stop = [&context] { return context.cancelled(); };
  CW_ASSIGN(CommandOutcome answer, connection.run(ask, options));
  if (answer.out.rfind("missing", 0) == 0) {
    std::error_code status;
    const std::string archive = "engines/" + bundle.archive.filename().string();
    const TransferFile file{bundle.archive, archive, static_cast<std::int64_t>(fs::file_size(bundle.archive, status)),
                            bundle.sha256};
    CW_TRY(send_files(connection, {file}, context));
    const auto unpacked = connection.run(unpack_script(bundle, bundle.archive.filename().string()), options);
    if (!unpacked.ok() && unpacked.error().message.find("code 76") != std::string::npos) {
      return Error{ErrorCode::kIo, "E-MCH-026",
                   title_of(connection.machine()) + ": the engine is damaged there after unpacking; try again"};
    }
    if (!unpacked.ok()) return unpacked.error();
    auto again = connection.run(ask, options);
    if (!again.ok() && again.error().id == "E-MCH-019") {
      return Error{ErrorCode::kUnsupported, "E-MCH-020",
                   title_of(connection.machine()) + ": the engine does not start there: " + again.error().message};
    }
    if (!again.ok()) return again.error();
    answer = std::move(*again);
  }
  if (answer.out.find(version()) == std::string::npos) {
    return Error{ErrorCode::kUnsupported, "E-MCH-020",
                 title_of(connection.machine()) + ": the engine there answers '" + answer.out +
                     "' instead of version " + std::string(version())};
  }
  return bundle.id;
}

}  // namespace cw
