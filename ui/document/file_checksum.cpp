// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/file_checksum.h"

#include "core/base/sha256.h"

#include <fstream>

namespace cw::ui {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20U;
constexpr int kPiecesPerStep = 64;

// Touched in the files lane only, one step after the other.
struct Work {
  std::filesystem::path path;
  std::ifstream file;
  Sha256 hash;
};

void goOn(Background& background, QObject* receiver, std::shared_ptr<Work> work,
          std::function<void(Result<std::string>)> done) {
  background.run<std::string>(
      Background::Lane::kFiles, receiver,
      [work](JobContext& context) -> Result<std::string> {
        std::error_code ignored;
        if (std::filesystem::is_directory(work->path, ignored)) return sha256_of_path(work->path);
        if (!work->file.is_open()) work->file.open(work->path, std::ios::binary);
        if (!work->file) {
          return Error{ErrorCode::kIo, "E-IO-004",
                       work->path.string() + " cannot be read; check that it is there and that you may read it"};
        }
        std::string buffer(kPiece, '\0');
        for (int i = 0; i < kPiecesPerStep && work->file && !context.cancelled(); ++i) {
          work->file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
          work->hash.update(buffer.data(), static_cast<std::size_t>(work->file.gcount()));
        }
        return work->file ? std::string() : work->hash.finish();  // "" = not at the end yet
      },
      [&background, receiver, work, done = std::move(done)](Result<std::string> sum) {
        if (sum && sum->empty()) return goOn(background, receiver, work, done);
        done(std::move(sum));
      });
}

}  // namespace

void file_checksum(Background& background, QObject* receiver, const std::filesystem::path& path,
                   std::function<void(Result<std::string>)> done) {
  auto work = std::make_shared<Work>();
  work->path = path;
  goOn(background, receiver, std::move(work), std::move(done));
}

}  // namespace cw::ui
