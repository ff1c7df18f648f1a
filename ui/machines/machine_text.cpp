// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/machines/machine_text.h"

#include "ui/theme/numbers.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr double kMegabyte = 1024.0 * 1024.0;
constexpr double kBusyPercent = 10.0;  // of a GPU that computes
constexpr double kUsedShare = 0.1;     // of the memory of a GPU that somebody has taken

QString tr(const char* text) { return QCoreApplication::translate("cw::ui::Machines", text); }

double number(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_number() ? json[key].get<double>() : 0.0;
}

QString text(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? QString::fromStdString(json[key].get<std::string>()) : QString();
}

QString megabytes(double value) { return bytes_text(value * kMegabyte); }

QString load_text(const Json& report) {
  return tr("load %1 of %2").arg(fixed_text(number(report, "load"), 1), number_text(number(report, "cpus"), 3));
}

QString seen_text(const MachineEntry& entry) {
  return entry.seen.isValid() ? tr(" since %1").arg(QLocale::c().toString(entry.seen, QStringLiteral("HH:mm")))
                              : QString();
}

QString partitions_text(const Json& report) {
  QStringList names;
  for (const Json& one : report.value("partitions", Json::array())) {
    QString name = text(one, "name");
    if (!one.value("up", true)) name += tr(" (down)");
    if (const QString gpus = text(one, "gpus"); !gpus.isEmpty()) name += QStringLiteral(" (%1)").arg(gpus);
    names << name;
  }
  return names.join(QStringLiteral(", "));
}

}  // namespace

QString machine_title(const MachineEntry& entry) {
  return entry.kind() == QLatin1String("this-pc") ? tr("This PC") : entry.name();
}

bool has_unknown_key(const MachineEntry& entry) { return entry.error && entry.error->id == "E-MCH-014"; }

QString machine_state(const MachineEntry& entry) {
  if (entry.error) return has_unknown_key(entry) ? tr("key not accepted yet") : tr("no answer") + seen_text(entry);
  if (entry.report.is_null()) return entry.looking ? tr("looking ...") : tr("not looked at yet");
  if (!entry.report.value("problems", Json::array()).empty()) return tr("cannot run jobs");
  QStringList parts;
  const auto partitions = entry.report.value("partitions", Json::array()).size();
  if (entry.kind() == QLatin1String("slurm")) {
    parts << (partitions == 1 ? tr("Slurm, 1 partition") : tr("Slurm, %1 partitions").arg(partitions));
  } else {
    parts << load_text(entry.report);
  }
  parts << tr("%1 free").arg(megabytes(number(entry.report, "memory_free_mb")));
  return parts.join(QStringLiteral(" · "));
}

const char* machine_color(const MachineEntry& entry) {
  if (entry.error) return has_unknown_key(entry) ? "warning" : "bad";
  if (entry.report.is_null()) return "ink-3";
  return entry.report.value("problems", Json::array()).empty() ? "good" : "bad";
}

QString machine_room(const MachineEntry& entry) {
  const Json& report = entry.report;
  if (entry.error || report.is_null() || !report.value("problems", Json::array()).empty()) return machine_state(entry);
  if (entry.kind() == QLatin1String("slurm")) return tr("Slurm: %1").arg(partitions_text(report));
  const double cores = number(report, "cpus");
  const double free = std::clamp(cores - number(report, "load"), 0.0, cores);
  QStringList parts{tr("%1 of %2 cores free").arg(std::lround(free)).arg(std::lround(cores))};
  const Json gpus = report.value("gpus", Json::array());
  const auto idle = std::count_if(gpus.begin(), gpus.end(), [](const Json& gpu) {
    return number(gpu, "load_percent") < kBusyPercent &&
           number(gpu, "memory_used_mb") < kUsedShare * number(gpu, "memory_mb");
  });
  if (!gpus.empty()) parts << tr("%1 of %2 GPUs free").arg(idle).arg(gpus.size());
  return parts.join(QStringLiteral(" · "));
}

QStringList machine_problems(const MachineEntry& entry) {
  QStringList problems;
  if (entry.error) {
    problems << QStringLiteral("%1 [%2]").arg(QString::fromStdString(entry.error->message),
                                              QString::fromStdString(entry.error->id));
  }
  if (entry.report.is_null()) return problems;
  for (const Json& one : entry.report.value("problems", Json::array())) {
    problems << QStringLiteral("%1 [%2]").arg(text(one, "text"), text(one, "code"));
  }
  for (const Json& one : entry.report.value("warnings", Json::array())) {
    if (one.is_string()) problems << QString::fromStdString(one.get<std::string>());
  }
  return problems;
}

QList<QPair<QString, QString>> machine_facts(const MachineEntry& entry) {
  QList<QPair<QString, QString>> facts;
  const auto add = [&facts](const QString& name, const QString& value) {
    if (!value.isEmpty()) facts << qMakePair(name, value);
  };
  add(tr("Host"), text(entry.machine, "host"));
  const Json& report = entry.report;
  if (report.is_null()) return facts;
  add(tr("System"), text(report, "os"));
  add(tr("Processors"), QStringLiteral("%1 · %2").arg(text(report, "cpu"), load_text(report)));
  add(tr("Memory"),
      tr("%1 free of %2").arg(megabytes(number(report, "memory_free_mb")), megabytes(number(report, "memory_mb"))));
  add(tr("Disk"), tr("%1 free in %2").arg(megabytes(number(report, "disk_free_mb")), text(report, "folder")));
  for (const Json& gpu : report.value("gpus", Json::array())) {
    add(tr("GPU"), tr("%1 · %2 busy · %3 of %4 used")
                       .arg(text(gpu, "name"), percent_text(number(gpu, "load_percent") / 100.0),
                            megabytes(number(gpu, "memory_used_mb")), megabytes(number(gpu, "memory_mb"))));
  }
  if (report.value("gpus", Json::array()).empty()) add(tr("GPU"), tr("none"));
  add(tr("Scheduler"), text(report, "scheduler"));
  add(tr("Partitions"), partitions_text(report));
  const Json engines = report.value("engines", Json::array());
  if (entry.kind() != QLatin1String("this-pc")) {
    add(tr("Engine"),
        engines.empty() ? tr("sent with the first job") : QString::fromStdString(engines.back().get<std::string>()));
    add(tr("Answers in"), tr("%1 ms").arg(number_text(number(report, "latency_ms"), 2)));
  }
  return facts;
}

QList<MachineGauge> machine_gauges(const MachineEntry& entry) {
  QList<MachineGauge> gauges;
  const Json& report = entry.report;
  if (entry.error || report.is_null()) return gauges;
  const auto share = [](double part, double all) { return all > 0.0 ? std::clamp(part / all, 0.0, 1.0) : 0.0; };
  gauges << MachineGauge{tr("Processors"), share(number(report, "load"), number(report, "cpus"))};
  const double memory = number(report, "memory_mb");
  gauges << MachineGauge{tr("Memory"), share(memory - number(report, "memory_free_mb"), memory)};
  for (const Json& gpu : report.value("gpus", Json::array())) {
    gauges << MachineGauge{text(gpu, "name"), share(number(gpu, "load_percent"), 100.0)};
  }
  return gauges;
}

}  // namespace cw::ui
