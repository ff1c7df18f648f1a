// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/unpickler.h"

#include "core/base/mapped_file.h"
#include "core/weights/pickle_machine.h"

#include <algorithm>
#include <cstring>

namespace cw {
namespace {

// operations of protocols 2 to 5; the names of Python's pickletools in the comments
enum Operation : unsigned char {
  kMark = '(',
  kStop = '.',
  kPop = '0',
  kPopMark = '1',
  kDup = '2',
  kBinFloat = 'G',
  kBinInt = 'J',
  kBinInt1 = 'K',
  kBinInt2 = 'M',
  kNone = 'N',
  kBinPersistentId = 'Q',
  kReduce = 'R',
  kBinString = 'T',
  kShortBinString = 'U',
  kBinUnicode = 'X',
  kAppend = 'a',
  kBuild = 'b',
  kGlobal = 'c',
  kAppends = 'e',
  kBinGet = 'h',
  kLongBinGet = 'j',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kSetItem = 's',
  kTuple = 't',
  kSetItems = 'u',
  kEmptyDict = '}',
  kEmptyList = ']',
  kEmptyTuple = ')',
  kBinBytes = 'B',
  kShortBinBytes = 'C',
  kProtocol = 0x80,
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kLong1 = 0x8a,
  kLong4 = 0x8b,
  kShortBinUnicode = 0x8c,
  kBinUnicode8 = 0x8d,
  kBinBytes8 = 0x8e,
  kStackGlobal = 0x93,
  kMemoize = 0x94,
  kFrame = 0x95
};

constexpr unsigned char kNewestProtocol = 5;
constexpr std::size_t kLongestInteger = 64;  // bytes; PyTorch's own magic number has ten

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() - i < length) return false;
    std::uint32_t code = lead & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0U) != 0x80U) return false;
      code = (code << 6U) | (next & 0x3FU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return false;
    i += length;
  }
  return true;
}

PickleMachine::PickleMachine(std::span<const std::byte> source, std::string_view where, const PickleLimits& limits)
    : source_(source), where_(where), limits_(limits) {}

std::string PickleMachine::place() const { return where_ + " (byte " + std::to_string(position_) + "): "; }

Error PickleMachine::damaged(const std::string& what) const {
  return {ErrorCode::kParse, "E-PKL-001", place() + "damaged pickle: " + what + "; copy or download the file again"};
}

Result<std::uint64_t> PickleMachine::read_unsigned(std::size_t width) {
  if (source_.size() - position_ < width) return damaged("it ends in the middle of a number (is the file cut off?)");
  std::uint64_t value = 0;
  std::memcpy(&value, source_.data() + position_, width);
  position_ += width;
  return value;
}

Result<std::string_view> PickleMachine::read_text(std::uint64_t size) {
  if (size > source_.size() - position_) {
    return damaged("a text of " + std::to_string(size) + " bytes where " + std::to_string(source_.size() - position_) +
                   " are left (is the file cut off?)");
  }
  if (size > limits_.max_text || size > UINT32_MAX) {
    return Error{ErrorCode::kRefused, "E-PKL-004",
                 place() + "a text of " + std::to_string(size) + " bytes; at most " + std::to_string(limits_.max_text) +
                     " are read"};
  }
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  const std::string_view text(reinterpret_cast<const char*>(source_.data()) + position_, size);
  position_ += size;
  return text;
}

Result<std::string_view> PickleMachine::read_line() {
  const auto rest = source_.subspan(position_);
  const auto end = std::find(rest.begin(), rest.end(), std::byte{'\n'});
  if (end == rest.end()) return damaged("a name without an end");
  CW_ASSIGN(const std::string_view line, read_text(static_cast<std::uint64_t>(end - rest.begin())));
  ++position_;
  return line;
}

Result<> PickleMachine::push(Node node) {
  if (document_.nodes_.size() >= limits_.max_nodes) {
    return Error{ErrorCode::kRefused, "E-PKL-004",
                 place() + "more than " + std::to_string(limits_.max_nodes) + " values in one pickle"};
  }
  stack_.push_back(static_cast<NodeId>(document_.nodes_.size()));
  document_.nodes_.push_back(node);
  return {};
}

Result<> PickleMachine::push_integer(std::int64_t value) {
  return push(Node{{.integer = value}, 0, PickleKind::kInteger, 0});
}

Result<> PickleMachine::push_text(PickleKind kind, std::string_view text) {
  if (kind == PickleKind::kText && !is_utf8(text)) return damaged("a text that is not UTF-8");
  return push(Node{{.text = text.data()}, static_cast<std::uint32_t>(text.size()), kind, 0});
}

Result<> PickleMachine::push_long(std::uint64_t size) {
  CW_ASSIGN(const std::string_view digits, read_text(size));
  if (size > kLongestInteger) {
    return Error{ErrorCode::kRefused, "E-PKL-004", place() + "an integer of " + std::to_string(size) + " bytes"};
  }
  if (size > sizeof(std::int64_t)) return push_text(PickleKind::kBigInteger, digits);
  const bool negative = !digits.empty() && (static_cast<unsigned char>(digits.back()) & 0x80U) != 0;
  std::int64_t value = negative ? -1 : 0;
  if (!digits.empty()) std::memcpy(&value, digits.data(), digits.size());
  return push_integer(value);
}

Result<> PickleMachine::push_container(PickleKind kind, std::vector<NodeId> items) {
  const auto index = static_cast<std::uint64_t>(document_.containers_.size());
  CW_TRY(push(Node{{.index = index}, 0, kind, 0}));
  document_.containers_.push_back(std::move(items));
  return {};
}

Result<PickleMachine::NodeId> PickleMachine::pop() {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) return damaged("it takes a value from an empty stack");
  const NodeId top = stack_.back();
  stack_.pop_back();
  return top;
}

Result<std::vector<PickleMachine::NodeId>> PickleMachine::pop_to_mark() {
  if (marks_.empty()) return damaged("a mark is missing");
  const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  std::vector<NodeId> items(begin, stack_.end());
  stack_.erase(begin, stack_.end());
  marks_.pop_back();
  return items;
}

Result<> PickleMachine::memoize(std::uint64_t index) {
  if (stack_.empty()) return damaged("it stores a value of an empty stack");
  // an honest pickler numbers its values; without this bound a few bytes could ask for gigabytes
  if (index >= source_.size()) return damaged("memo number " + std::to_string(index));
  memo_[index] = stack_.back();
  return {};
}

Result<> PickleMachine::recall(std::uint64_t index) {
  const auto found = memo_.find(index);
  if (found == memo_.end()) return damaged("it refers to value " + std::to_string(index) + ", which was never stored");
  stack_.push_back(found->second);
  return {};
}

Result<> PickleMachine::extend(PickleKind kind, std::span<const NodeId> items) {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back()) || node(stack_.back()).kind != kind) {
    return damaged("it adds items to something that is not " + std::string(name_of(kind)));
  }
  if (kind == PickleKind::kDictionary && items.size() % 2 != 0) return damaged("a dictionary key without a value");
  auto& target = document_.containers_[node(stack_.back()).index];
  target.insert(target.end(), items.begin(), items.end());
  return {};
}

Result<> PickleMachine::step_constant(unsigned char operation) {
  switch (operation) {
    case kNone:
      return push(Node{{.integer = 0}, 0, PickleKind::kNone, 0});
    case kNewTrue:
      return push(Node{{.integer = 1}, 0, PickleKind::kBoolean, 0});
    case kNewFalse:
      return push(Node{{.integer = 0}, 0, PickleKind::kBoolean, 0});
    case kBinInt: {
      CW_ASSIGN(const std::uint64_t bits, read_unsigned(4));
      return push_integer(static_cast<std::int32_t>(static_cast<std::uint32_t>(bits)));
    }
    case kBinFloat: {
      CW_ASSIGN(std::uint64_t bits, read_unsigned(8));
      bits = __builtin_bswap64(bits);  // the only big-endian value of the format
      double value = 0;
      std::memcpy(&value, &bits, sizeof value);
      return push(Node{{.real = value}, 0, PickleKind::kReal, 0});
    }
    default:
      break;
  }
  struct Sized {
    unsigned char operation;
    std::size_t width;  ///< of the length or the number itself
    PickleKind kind;
  };
  static constexpr Sized kSized[] = {{kBinInt1, 1, PickleKind::kInteger},      {kBinInt2, 2, PickleKind::kInteger},
                                     {kLong1, 1, PickleKind::kBigInteger},     {kLong4, 4, PickleKind::kBigInteger},
                                     {kShortBinUnicode, 1, PickleKind::kText}, {kBinUnicode, 4, PickleKind::kText},
                                     {kBinUnicode8, 8, PickleKind::kText},     {kShortBinString, 1, PickleKind::kText},
                                     {kBinString, 4, PickleKind::kText},       {kShortBinBytes, 1, PickleKind::kBytes},
                                     {kBinBytes, 4, PickleKind::kBytes},       {kBinBytes8, 8, PickleKind::kBytes}};
  for (const auto& entry : kSized) {
    if (entry.operation != operation) continue;
    CW_ASSIGN(const std::uint64_t number, read_unsigned(entry.width));
    if (entry.kind == PickleKind::kInteger) return push_integer(static_cast<std::int64_t>(number));
    if (entry.kind == PickleKind::kBigInteger) return push_long(number);
    CW_ASSIGN(const std::string_view text, read_text(number));
    return push_text(entry.kind, text);
  }
  return Error{ErrorCode::kUnsupported, "E-PKL-003",
               place() + "the pickle operation " + std::to_string(operation) +
                   " is not used by files of plain data (protocols 2 to 5); the file is of another kind or unsafe"};
}

Result<> PickleMachine::step_container(unsigned char operation) {
  switch (operation) {
    case kEmptyDict:
      return push_container(PickleKind::kDictionary, {});
    case kEmptyList:
      return push_container(PickleKind::kList, {});
    case kEmptyTuple:
      return push_container(PickleKind::kTuple, {});
    case kTuple: {
      CW_ASSIGN(std::vector<NodeId> items, pop_to_mark());
      return push_container(PickleKind::kTuple, std::move(items));
    }
    case kTuple1:
    case kTuple2:
    case kTuple3: {
      std::vector<NodeId> items(static_cast<std::size_t>(operation - kTuple1 + 1));
      for (std::size_t i = items.size(); i-- > 0;) {
        CW_ASSIGN(items[i], pop());
      }
      return push_container(PickleKind::kTuple, std::move(items));
    }
    case kAppend: {
      CW_ASSIGN(const NodeId item, pop());
      return extend(PickleKind::kList, {&item, 1});
    }
    case kSetItem: {
      NodeId entry[2] = {};
      CW_ASSIGN(entry[1], pop());
      CW_ASSIGN(entry[0], pop());
      return extend(PickleKind::kDictionary, entry);
    }
    default:
      break;
  }
  CW_ASSIGN(const std::vector<NodeId> items, pop_to_mark());
  if (operation == kPopMark) return {};
  return extend(operation == kAppends ? PickleKind::kList : PickleKind::kDictionary, items);
}

Result<> PickleMachine::step_memo(unsigned char operation) {
  if (operation == kMemoize) return memoize(memo_.size());
  CW_ASSIGN(const std::uint64_t index, read_unsigned(operation == kBinGet || operation == kBinPut ? 1 : 4));
  return operation == kBinGet || operation == kLongBinGet ? recall(index) : memoize(index);
}

Result<> PickleMachine::step(unsigned char operation) {
  switch (operation) {
    case kMark:
      marks_.push_back(stack_.size());
      return {};
    case kPop: {
      CW_ASSIGN(const NodeId ignored, pop());
      static_cast<void>(ignored);
      return {};
    }
    case kDup: {
      CW_ASSIGN(const NodeId top, pop());
      stack_.insert(stack_.end(), 2, top);
      return {};
    }
    case kProtocol: {
      CW_ASSIGN(const std::uint64_t protocol, read_unsigned(1));
      if (protocol > kNewestProtocol) return damaged("pickle protocol " + std::to_string(protocol));
      return {};
    }
    case kFrame: {
      CW_ASSIGN(const std::uint64_t size, read_unsigned(8));
      if (size > source_.size() - position_) {
        return damaged("a frame of " + std::to_string(size) + " bytes where " +
                       std::to_string(source_.size() - position_) + " are left (is the file cut off?)");
      }
      return {};
    }
    case kGlobal: {
      CW_ASSIGN(const std::string_view module, read_line());
      CW_ASSIGN(const std::string_view name, read_line());
      return push_global(module, name);
    }
    case kStackGlobal: {
      CW_ASSIGN(const NodeId name, pop());
      CW_ASSIGN(const NodeId module, pop());
      if (!text_of(module) || !text_of(name)) return damaged("a name that is not a text");
      return push_global(*text_of(module), *text_of(name));
    }
    case kReduce:
      return reduce();
    case kBuild:
      return build();
    case kBinPersistentId:
      return persistent_id();
    case kBinGet:
    case kLongBinGet:
    case kBinPut:
    case kLongBinPut:
    case kMemoize:
      return step_memo(operation);
    case kEmptyDict:
    case kEmptyList:
    case kEmptyTuple:
    case kTuple:
    case kTuple1:
    case kTuple2:
    case kTuple3:
    case kAppend:
    case kAppends:
    case kSetItem:
    case kSetItems:
    case kPopMark:
      return step_container(operation);
    default:
      return step_constant(operation);
  }
}

Result<> PickleMachine::run() {
  for (;;) {
    if (position_ >= source_.size()) return damaged("it has no end (is the file cut off?)");
    const auto operation = static_cast<unsigned char>(source_[position_++]);
    if (operation == kStop) break;
    CW_TRY(step(operation));
  }
  if (stack_.size() != 1 || !marks_.empty()) return damaged("it does not end with one value");
  document_.root_ = stack_.front();
  return check_structure(document_.root_);
}

Result<> PickleMachine::check_structure(NodeId root) const {
  // Depth-first without recursion. A value that contains itself, nests too deep or multiplies by being referred to
  // again and again would trap whoever walks the document.
  struct Frame {
    NodeId id;
    std::size_t next;
    std::uint64_t expanded;
  };
  constexpr std::uint64_t kOpen = UINT64_MAX;
  std::unordered_map<NodeId, std::uint64_t> expanded_of;  // containers only; kOpen while on the path
  const auto is_container = [&](NodeId id) {
    const auto kind = node(id).kind;
    return kind == PickleKind::kTuple || kind == PickleKind::kList || kind == PickleKind::kDictionary;
  };
  if (!is_container(root)) return {};
  const auto refused = [&](const std::string& what) {
    return Error{ErrorCode::kRefused, "E-PKL-004", where_ + ": the pickle " + what};
  };
  std::vector<Frame> path{{root, 0, 1}};
  expanded_of[root] = kOpen;
  while (!path.empty()) {
    Frame& frame = path.back();
    const auto& items = document_.containers_[node(frame.id).index];
    if (frame.next == items.size()) {
      const Frame done = frame;
      expanded_of[done.id] = done.expanded;
      path.pop_back();
      if (!path.empty()) path.back().expanded += done.expanded;
    } else {
      const NodeId item = items[frame.next++];
      const auto known = is_container(item) ? expanded_of.find(item) : expanded_of.end();
      if (!is_container(item)) {
        ++frame.expanded;
      } else if (known == expanded_of.end()) {
        if (path.size() >= limits_.max_depth) {
          return refused("nests deeper than " + std::to_string(limits_.max_depth) + " levels");
        }
        expanded_of[item] = kOpen;
        path.push_back({item, 0, 1});
      } else if (known->second == kOpen) {
        return refused("contains itself");
      } else {
        frame.expanded += known->second;
      }
    }
    if (!path.empty() && path.back().expanded > limits_.max_expanded) {
      return refused("unfolds to more than " + std::to_string(limits_.max_expanded) + " values");
    }
  }
  return {};
}

Result<PickleDocument> parse_pickle(std::span<const std::byte> source, std::string_view where,
                                    const PickleLimits& limits, std::size_t* consumed) {
  PickleMachine machine(source, where, limits);
  CW_TRY(machine.run());
  if (consumed != nullptr) *consumed = machine.consumed();
  return std::move(machine).take();
}

Result<PickleDocument> read_pickle(const std::filesystem::path& path, const PickleLimits& limits) {
  CW_ASSIGN(MappedFile file, MappedFile::open(path));
  auto source = std::make_shared<const MappedFile>(std::move(file));
  CW_ASSIGN(PickleDocument document, parse_pickle(source->bytes(), path.string(), limits));
  document.keep_alive(std::move(source));
  return document;
}

}  // namespace cw
