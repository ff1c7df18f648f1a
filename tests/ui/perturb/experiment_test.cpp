// SPDX-License-Identifier: GPL-3.0-or-later
// What may stand on the bench, what it means, and that it becomes the specification that the command line makes.
#include "ui/perturb/experiment.h"

#include "core/base/files.h"
#include "tests/support/run_program.h"
#include "ui/document/dataset.h"
#include "ui/perturb/experiment_spec.h"
#include "ui/perturb/gene_drop.h"
#include "ui/perturb/preflight.h"

#include <QTemporaryDir>
#include <QTest>
#include <fstream>

using namespace cw;
using namespace cw::ui;

namespace {

const WellGene kStat1{QStringLiteral("ENSG00000115415"), QStringLiteral("STAT1")};
const WellGene kIrf7{QStringLiteral("ENSG00000185507"), QStringLiteral("IRF7")};
const WellGene kIsg15{QStringLiteral("ENSG00000187608"), QStringLiteral("ISG15")};

Group group(const char* column, const char* value) {
  Group made;
  made.column = QLatin1String(column);
  made.value = QLatin1String(value);
  return made;
}

/// Eight cells: four of state a with donors 1, 2, four of state b with donors 2, 3.
SpecSources small_sources() {
  auto cells = std::make_shared<Table>();
  for (int i = 0; i < 8; ++i) cells->index.push_back("c" + std::to_string(i));
  cells->set(Column::of_strings("state", {"a", "a", "a", "a", "b", "b", "b", "b"}));
  cells->set(Column::of_strings("donor", {"1", "1", "2", "2", "2", "2", "3", "3"}));
  DatasetParts parts;
  parts.path = "/data/small.h5ad";
  parts.counts_where = "X";
  parts.info.cell_columns = {{"state", ColumnKind::kString}, {"donor", ColumnKind::kString}};
  DatasetGene gene;
  gene.ensembl_id = kStat1.ensemblId.toStdString();
  parts.genes.push_back(gene);
  const auto dataset = std::make_shared<const Dataset>(std::move(parts), cells);
  SpecSources sources;
  sources.dataset = dataset;
  sources.model = "/models/demo";
  sources.dictionary = "v1";
  sources.donorColumn = "donor";
  sources.selections[QStringLiteral("lasso 1")] = {0, 1, 5};
  return sources;
}

}  // namespace

class ExperimentTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void genesAreAddedOnceAndTheAnchorTakesOne() {
    Experiment e;
    const AddedGenes first = add_genes(e, WellId::kDelete, {kStat1, kIrf7, kStat1});
    QCOMPARE(first.added, 2);
    QCOMPARE(first.already, 1);
    const AddedGenes second = add_genes(e, WellId::kOverexpress, {kStat1});
    QCOMPARE(second.inOtherWell.size(), 1);
    QCOMPARE(genes_in_two_wells(e), QList<WellGene>{kStat1});
    add_genes(e, WellId::kAnchor, {kIsg15});
    add_genes(e, WellId::kAnchor, {kIrf7});
    QCOMPARE(e.well(WellId::kAnchor).genes, QList<WellGene>{kIrf7});
    add_all_genes(e, WellId::kDelete);
    QVERIFY(e.well(WellId::kDelete).all && e.well(WellId::kDelete).genes.isEmpty());
    add_genes(e, WellId::kDelete, {kIsg15});
    QVERIFY2(!e.well(WellId::kDelete).all, "naming genes takes the place of all genes");
  }

  void howIsChosenOnlyWhereTheWellsLeaveNoDoubt() {
    Experiment e;
    QCOMPARE(effective_how(e), QString());
    add_genes(e, WellId::kDelete, {kStat1});
    QCOMPARE(effective_how(e), QStringLiteral("each"));
    add_genes(e, WellId::kDelete, {kIrf7});
    QCOMPARE(effective_how(e), QString());
    e.how = QStringLiteral("pairs");
    QCOMPARE(effective_how(e), QStringLiteral("pairs"));
    QCOMPARE(num_pairs(e), 1);
    QVERIFY(is_extension(e));
    add_all_genes(e, WellId::kDelete);
    QCOMPARE(effective_how(e), QStringLiteral("each"));
    QVERIFY(!why_not(e, QStringLiteral("together")).isEmpty());
    add_genes(e, WellId::kAnchor, {kIsg15});
    QCOMPARE(effective_how(e), QStringLiteral("anchor"));
    Experiment many;
    QList<WellGene> genes;
    for (int i = 0; i < 51; ++i) genes << WellGene{QStringLiteral("ENSG%1").arg(i), QString::number(i)};
    add_genes(many, WellId::kInhibit, genes);
    QVERIFY(!why_not(many, QStringLiteral("together")).isEmpty());
    QCOMPARE(num_pairs(many), 51 * 50 / 2);
  }

  void anExperimentSurvivesTheProject() {
    Experiment e;
    e.start = group("state", "a");
    e.goal = group("state", "b");
    e.filter << group("type", "B");
    add_genes(e, WellId::kInhibit, {kStat1, kIrf7});
    add_all_genes(e, WellId::kDelete);
    e.quartiles = 3;
    e.maxCells = 500;
    e.excludedDonors << QStringLiteral("d1");
    const Experiment back = experiment_from_json(to_json(e));
    QCOMPARE(to_json(back).dump(), to_json(e).dump());
    QCOMPARE(title_of(back), QStringLiteral("a → b, delete all, inhibit STAT1 and IRF7"));
    const Experiment damaged = experiment_from_json(Json::parse(R"({"wells": 5, "quartiles": 99, "start": []})"));
    QCOMPARE(damaged.quartiles, 3);
    QVERIFY(!damaged.start);
  }

  void statesOfOneColumnNeedNoLabels() {
    Experiment e;
    e.start = group("state", "a");
    e.goal = group("state", "b");
    add_all_genes(e, WellId::kDelete);
    e.excludedDonors << QStringLiteral("2");
    const auto spec = spec_of(e, small_sources());
    QVERIFY(spec.ok());
    QVERIFY(!spec->labels);
    QCOMPARE(spec->options.state_column, std::string("state"));
    QCOMPARE(spec->options.null_count, std::int64_t{0});
    QCOMPARE(spec->options.filter.at("donor"), (std::vector<std::string>{"1", "3"}));
  }

  void selectionsBecomeLabelsWithoutTheCellsOfBoth() {
    Experiment e;
    Group lasso;
    lasso.kind = Group::Kind::kSelection;
    lasso.value = QStringLiteral("lasso 1");
    e.start = lasso;
    e.goal = group("state", "b");
    add_genes(e, WellId::kDelete, {kStat1});
    const auto spec = spec_of(e, small_sources());
    QVERIFY(spec.ok());
    QVERIFY(spec->labels);
    QCOMPARE(spec->options.state_column, std::string(kStateLabel));
    const Column* states = spec->labels->find(kStateLabel);
    QCOMPARE(states->text(0), std::string("lasso 1"));
    QVERIFY2(states->is_missing(5), "cell 5 is in both");
    QCOMPARE(states->text(6), std::string("b"));
    QVERIFY(states->is_missing(2));
    e.start->value = QStringLiteral("gone");
    QCOMPARE(spec_of(e, small_sources()).error().id, std::string("E-UI-402"));
  }

  void whatIsMissingIsNamed() {
    const SpecSources sources = small_sources();
    Experiment e;
    QCOMPARE(spec_of(e, sources).error().id, std::string("E-UI-401"));
    QVERIFY(missing_for_run(e, facts_of(e, sources)).contains(QStringLiteral("genes")));
    add_genes(e, WellId::kDelete, {kStat1});
    QCOMPARE(missing_for_run(e, facts_of(e, sources)), QString());
    e.start = group("state", "a");
    e.goal = group("state", "a");
    QVERIFY(!missing_for_run(e, facts_of(e, sources)).isEmpty());
    e.goal = group("state", "b");
    SpecSources without_counts = sources;
    auto bare = std::make_shared<Dataset>(*sources.dataset);
    bare->counts_where.clear();
    without_counts.dataset = bare;
    QVERIFY(missing_for_run(e, facts_of(e, without_counts)).contains(QStringLiteral("no raw counts")));
    const BenchFacts facts = facts_of(e, sources);
    QCOMPARE(facts.startCells, std::int64_t{4});
    QCOMPARE(facts.sharedDonors, QStringList{QStringLiteral("2")});
    const auto checks = checks_of(e, facts);
    const auto has = [&](Check::Fix fix) {
      return std::any_of(checks.begin(), checks.end(), [&](const Check& check) { return check.fix == fix; });
    };
    QVERIFY(has(Check::Fix::kExcludeDonors));
    e.excludedDonors << QStringLiteral("2");
    QCOMPARE(facts_of(e, sources).changedCells, std::int64_t{2});
    QVERIFY(facts_of(e, sources).sharedDonors.isEmpty());
  }

  void filesOfGenesAreReadByTheirKind() {
    QTemporaryDir folder;
    const auto write = [&](const char* name, const char* text) {
      const std::filesystem::path path = std::filesystem::path(folder.path().toStdString()) / name;
      std::ofstream(path) << text;
      return path;
    };
    QCOMPARE(*read_gene_words(write("a.txt", "STAT1, IRF7\n# no gene\nISG15")),
             (QStringList{QStringLiteral("STAT1"), QStringLiteral("IRF7"), QStringLiteral("ISG15")}));
    QCOMPARE(*read_gene_words(write("a.csv", "rank,gene,p\n1,STAT1,0.1\n2,\"IRF7\",0.2\n")),
             (QStringList{QStringLiteral("STAT1"), QStringLiteral("IRF7")}));
    QCOMPARE(*read_gene_words(write("a.gmt", "SET\thttp://x\tSTAT1\tIRF7\n")),
             (QStringList{QStringLiteral("STAT1"), QStringLiteral("IRF7")}));
    QCOMPARE(read_gene_words(write("empty.txt", "\n")).error().id, std::string("E-UI-403"));
  }

  void theSpecificationIsThatOfTheCommandLine() {
    QTemporaryDir folder;
    const std::filesystem::path scratch = folder.path().toStdString();
    const std::string data = std::string(CW_SOURCE_DIR) + "/resources/example/pbmc3k_half_a.h5ad";
    const std::string model = std::string(CW_SOURCE_DIR) + "/resources/models/demo";
    const std::string out = (scratch / "run").string();
    const auto outcome = run_program_to_end(std::filesystem::path(CW_BIN_DIR) / "cellwright",
                                            {"perturb",      data,
                                             "--model",      model,
                                             "--dictionary", "v1",
                                             "--delete",     "ENSG00000115415,ENSG00000185507",
                                             "--inhibit",    "ENSG00000187608",
                                             "--quartiles",  "2",
                                             "--how",        "each",
                                             "--state",      "cell_type",
                                             "--start",      "B",
                                             "--goal",       "NK",
                                             "--alt",        "Dendritic",
                                             "--null",       "20",
                                             "--max-cells",  "2",
                                             "--seed",       "7",
                                             "--out",        out,
                                             "--quiet"},
                                            scratch);
    const auto written = read_json(scratch / "run" / "spec.json");
    QVERIFY2(written.ok(), outcome.err.c_str());
    DatasetParts parts;
    parts.path = data;
    parts.info.cell_columns = {{"cell_type", ColumnKind::kCategorical}};
    const auto dataset = std::make_shared<const Dataset>(std::move(parts), std::make_shared<const Table>());
    SpecSources sources;
    sources.dataset = dataset;
    sources.model = model;
    sources.dictionary = "v1";
    Experiment e;
    e.start = group("cell_type", "B");
    e.goal = group("cell_type", "NK");
    e.alternatives = {group("cell_type", "Dendritic")};
    add_genes(e, WellId::kDelete, {kStat1, kIrf7});
    add_genes(e, WellId::kInhibit, {kIsg15});
    e.quartiles = 2;
    e.how = QStringLiteral("each");
    e.maxCells = 2;
    e.seed = 7;
    auto spec = spec_of(e, sources);
    QVERIFY(spec.ok());
    spec->options.output = out;
    Json expected = (*written).contains("options") ? (*written)["options"] : (*written)["params"];
    Json actual = to_json(spec->options);
    QCOMPARE(QString::fromStdString(actual.dump(1)), QString::fromStdString(expected.dump(1)));
  }
};

QTEST_GUILESS_MAIN(ExperimentTest)
#include "experiment_test.moc"
