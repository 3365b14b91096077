// SPDX-License-Identifier: Apache-2.0
#include "train/backbones.h"

#include <algorithm>
#include <array>

namespace kith::train {
namespace {

// Adds layers one by one; each call gives the index of its output.
class Builder {
 public:
  Builder(std::string name, int side, int dimension) { made_ = {std::move(name), side, dimension, {}}; }

  int conv(const std::string& name, int input, int channels, const Window& window, int groups = 1) {
    return add({.op = Op::conv,
                .name = name,
                .inputs = {input},
                .channels = channels,
                .window = window,
                .groups = groups});
  }
  // Without batch normalisation: what it adds up to, or ends in, keeps its own scale.
  int plain_conv(const std::string& name, int input, int channels, const Window& window) {
    return add({.op = Op::conv,
                .name = name,
                .inputs = {input},
                .channels = channels,
                .window = window,
                .batch_norm = false});
  }
  int conv_relu(const std::string& name, int input, int channels, const Window& window) {
    return relu(conv(name, input, channels, window));
  }
  int relu(int input) { return after(Op::relu, input); }
  int relu6(int input) { return after(Op::relu6, input); }
  int prelu(int input) { return after(Op::prelu, input); }
  int dropout(int input, float share) {
    const int made = after(Op::dropout, input);
    made_.layers.back().factor = share;
    return made;
  }
  int add_scaled(const std::string& name, int input, int residual, float factor) {
    return add({.op = Op::add,
                .name = name,
                .inputs = {input, residual},
                .channels = channels(input),
                .factor = factor});
  }
  int concat(const std::string& name, std::vector<int> inputs) {
    int sum = 0;
    for (const int input : inputs) sum += channels(input);
    return add({.op = Op::concat, .name = name, .inputs = std::move(inputs), .channels = sum});
  }
  int pool(Op op, const std::string& name, int input, const Window& window) {
    return add({.op = op, .name = name, .inputs = {input}, .channels = channels(input), .window = window});
  }
  int global_mean(int input) { return after(Op::global_mean, input); }

  [[nodiscard]] int channels(int layer) const {
    return layer < 0 ? 3 : made_.layers[static_cast<std::size_t>(layer)].channels;
  }
  [[nodiscard]] int side_of(int layer) const { return map_sides(made_)[static_cast<std::size_t>(layer)]; }
  [[nodiscard]] int dimension() const { return made_.dimension; }
  Architecture take() { return std::move(made_); }

 private:
  int add(Layer layer) {
    made_.layers.push_back(std::move(layer));
    return static_cast<int>(made_.layers.size()) - 1;
  }
  int after(Op op, int input) {
    static constexpr std::array<std::string_view, 10> names{"", "prelu", "relu", "relu6", "",
                                                            "", "",      "",     "mean",  "dropout"};
    const std::string name = made_.layers[static_cast<std::size_t>(input)].name + "." +
                             std::string(names[static_cast<std::size_t>(op)]);
    return add({.op = op, .name = name, .inputs = {input}, .channels = channels(input)});
  }

  Architecture made_;
};

constexpr int picture = -1;
constexpr Window one{};

// Keeps the size, but for the stride.
constexpr Window square(int side, int stride = 1) { return {side, side, stride, side / 2, side / 2}; }
// Loses the edges.
constexpr Window valid(int side, int stride = 1) { return {side, side, stride, 0, 0}; }
constexpr Window row(int length) { return {1, length, 1, 0, length / 2}; }
constexpr Window column(int length) { return {length, 1, 1, length / 2, 0}; }

// ---- Inception-ResNet

// A branch of convolutions one after the other, numbered.
struct Step {
  int channels;
  Window window;
};
int branch(Builder& net, const std::string& name, int input, const std::vector<Step>& steps) {
  int at = input;
  for (std::size_t i = 0; i < steps.size(); ++i)
    at = net.conv_relu(name + "." + std::to_string(i + 1), at, steps[i].channels, steps[i].window);
  return at;
}

// input + factor * conv(branches side by side)
int residual(Builder& net, const std::string& name, int input, const std::vector<std::vector<Step>>& branches,
             float factor, bool activated = true) {
  std::vector<int> ends;
  for (std::size_t i = 0; i < branches.size(); ++i)
    ends.push_back(branch(net, name + ".branch" + std::to_string(i + 1), input, branches[i]));
  const int joined = net.concat(name + ".concat", ends);
  const int up = net.plain_conv(name + ".up", joined, net.channels(input), one);
  const int sum = net.add_scaled(name + ".add", input, up, factor);
  return activated ? net.relu(sum) : sum;
}

// Branches side by side, and a pool beside them.
int reduction(Builder& net, const std::string& name, int input,
              const std::vector<std::vector<Step>>& branches) {
  std::vector<int> ends;
  for (std::size_t i = 0; i < branches.size(); ++i)
    ends.push_back(branch(net, name + ".branch" + std::to_string(i + 1), input, branches[i]));
  ends.push_back(net.pool(Op::max_pool, name + ".pool", input, valid(3, 2)));
  return net.concat(name, ends);
}

int repeated(const std::string& name, int times, int input,
             const std::function<int(const std::string&, int)>& block) {
  int at = input;
  for (int i = 1; i <= times; ++i) at = block(name + "." + std::to_string(i), at);
  return at;
}

// What both versions begin with; v1 goes on with a strided convolution, v2 with a pool.
int inception_stem(Builder& net) {
  int at = branch(net, "stem", picture, {{32, valid(3, 2)}, {32, valid(3)}, {64, square(3)}});
  at = net.pool(Op::max_pool, "stem.pool", at, valid(3, 2));
  return branch(net, "stem.narrow", at, {{80, one}, {192, valid(3)}});
}

Architecture with_embedding(Builder& net, int map, float dropped) {
  const int mean = net.dropout(net.global_mean(map), dropped);
  net.conv("embedding", mean, net.dimension(), one);
  return net.take();
}

// ---- MobileNetV2 and MobileFaceNet

using Activation = int (Builder::*)(int);

// Expands, filters each channel, projects; a residual where the shape stays.
int inverted_residual(Builder& net, const std::string& name, int input, int expanded, int channels,
                      int stride, Activation act) {
  int at = input;
  if (expanded != net.channels(input)) at = (net.*act)(net.conv(name + ".expand", at, expanded, one));
  at = (net.*act)(net.conv(name + ".depthwise", at, expanded, square(3, stride), expanded));
  at = net.conv(name + ".project", at, channels, one);
  const bool keeps_shape = stride == 1 && channels == net.channels(input);
  return keeps_shape ? net.add_scaled(name + ".add", input, at, 1) : at;
}

}  // namespace

Architecture inception_resnet_v1(int side, int dimension) {
  Builder net("inception-resnet-v1", side, dimension);
  int at = inception_stem(net);
  at = net.conv_relu("stem.wide", at, 256, valid(3, 2));
  at = repeated("block35", 5, at, [&](const std::string& name, int input) {
    return residual(
        net, name, input,
        {{{32, one}}, {{32, one}, {32, square(3)}}, {{32, one}, {32, square(3)}, {32, square(3)}}}, 0.17F);
  });
  at = reduction(net, "reduction_a", at,
                 {{{384, valid(3, 2)}}, {{192, one}, {192, square(3)}, {256, valid(3, 2)}}});
  at = repeated("block17", 10, at, [&](const std::string& name, int input) {
    return residual(net, name, input, {{{128, one}}, {{128, one}, {128, row(7)}, {128, column(7)}}}, 0.10F);
  });
  at = reduction(net, "reduction_b", at,
                 {{{256, one}, {384, valid(3, 2)}},
                  {{256, one}, {256, valid(3, 2)}},
                  {{256, one}, {256, square(3)}, {256, valid(3, 2)}}});
  const std::vector<std::vector<Step>> last{{{192, one}}, {{192, one}, {192, row(3)}, {192, column(3)}}};
  at = repeated("block8", 5, at,
                [&](const std::string& name, int input) { return residual(net, name, input, last, 0.20F); });
  at = residual(net, "block8.6", at, last, 1, false);
  return with_embedding(net, at, 0.2F);
}

Architecture inception_resnet_v2(int side, int dimension) {
  Builder net("inception-resnet-v2", side, dimension);
  int at = inception_stem(net);
  at = net.pool(Op::max_pool, "stem.pool2", at, valid(3, 2));
  const std::string mixed = "mixed_5b";
  const int averaged = net.pool(Op::average_pool, mixed + ".pool", at, square(3));
  at = net.concat(mixed, {branch(net, mixed + ".branch1", at, {{96, one}}),
                          branch(net, mixed + ".branch2", at, {{48, one}, {64, square(5)}}),
                          branch(net, mixed + ".branch3", at, {{64, one}, {96, square(3)}, {96, square(3)}}),
                          branch(net, mixed + ".branch4", averaged, {{64, one}})});
  at = repeated("block35", 10, at, [&](const std::string& name, int input) {
    return residual(
        net, name, input,
        {{{32, one}}, {{32, one}, {32, square(3)}}, {{32, one}, {48, square(3)}, {64, square(3)}}}, 0.17F);
  });
  at = reduction(net, "reduction_a", at,
                 {{{384, valid(3, 2)}}, {{256, one}, {256, square(3)}, {384, valid(3, 2)}}});
  at = repeated("block17", 20, at, [&](const std::string& name, int input) {
    return residual(net, name, input, {{{192, one}}, {{128, one}, {160, row(7)}, {192, column(7)}}}, 0.10F);
  });
  at = reduction(net, "reduction_b", at,
                 {{{256, one}, {384, valid(3, 2)}},
                  {{256, one}, {288, valid(3, 2)}},
                  {{256, one}, {288, square(3)}, {320, valid(3, 2)}}});
  const std::vector<std::vector<Step>> last{{{192, one}}, {{192, one}, {224, row(3)}, {256, column(3)}}};
  at = repeated("block8", 9, at,
                [&](const std::string& name, int input) { return residual(net, name, input, last, 0.20F); });
  at = residual(net, "block8.10", at, last, 1, false);
  at = net.conv_relu("head", at, 1536, one);
  return with_embedding(net, at, 0.2F);
}

Architecture vgg19(int side, int dimension) {
  Builder net("vgg-19", side, dimension);
  int at = picture;
  constexpr std::array<std::pair<int, int>, 5> stages{{{2, 64}, {2, 128}, {4, 256}, {4, 512}, {4, 512}}};
  for (std::size_t stage = 0; stage < stages.size(); ++stage) {
    const std::string name = "stage" + std::to_string(stage + 1);
    const auto [convolutions, channels] = stages[stage];
    at = branch(net, name, at,
                std::vector<Step>(static_cast<std::size_t>(convolutions), {channels, square(3)}));
    at = net.pool(Op::max_pool, name + ".pool", at, valid(2, 2));
  }
  const int map = net.side_of(at);
  at = net.dropout(net.conv_relu("full.1", at, 4096, valid(std::max(map, 1))), 0.5F);
  at = net.dropout(net.conv_relu("full.2", at, 4096, one), 0.5F);
  net.conv("embedding", at, dimension, one);
  return net.take();
}

Architecture mobilenet_v2(int side, int dimension) {
  Builder net("mobilenet-v2", side, dimension);
  const Activation act = &Builder::relu6;
  int at = net.relu6(net.conv("stem", picture, 32, square(3, 2)));
  struct Stage {
    int expansion, channels, blocks, stride;
  };
  constexpr std::array<Stage, 7> stages{{{1, 16, 1, 1},
                                         {6, 24, 2, 2},
                                         {6, 32, 3, 2},
                                         {6, 64, 4, 2},
                                         {6, 96, 3, 1},
                                         {6, 160, 3, 2},
                                         {6, 320, 1, 1}}};
  for (std::size_t i = 0; i < stages.size(); ++i) {
    for (int block = 1; block <= stages[i].blocks; ++block) {
      const std::string name = "stage" + std::to_string(i + 1) + "." + std::to_string(block);
      at = inverted_residual(net, name, at, stages[i].expansion * net.channels(at), stages[i].channels,
                             block == 1 ? stages[i].stride : 1, act);
    }
  }
  at = net.relu6(net.conv("head", at, 1280, one));
  return with_embedding(net, at, 0.2F);
}

Architecture mobile_face_net(int side, int dimension) {
  Builder net("mobile-face-net", side, dimension);
  const Activation act = &Builder::prelu;
  int at = net.prelu(net.conv("stem.1", picture, 64, square(3, 2)));
  at = net.prelu(net.conv("stem.2", at, 64, square(3), 64));
  struct Stage {
    int expanded, channels, blocks, stride;
  };
  constexpr std::array<Stage, 5> stages{
      {{128, 64, 5, 2}, {256, 128, 1, 2}, {256, 128, 6, 1}, {512, 128, 1, 2}, {256, 128, 2, 1}}};
  for (std::size_t i = 0; i < stages.size(); ++i) {
    for (int block = 1; block <= stages[i].blocks; ++block) {
      const std::string name = "stage" + std::to_string(i + 1) + "." + std::to_string(block);
      at = inverted_residual(net, name, at, stages[i].expanded, stages[i].channels,
                             block == 1 ? stages[i].stride : 1, act);
    }
  }
  at = net.prelu(net.conv("head", at, 512, one));
  const int map = net.side_of(at);
  at = net.conv("global", at, 512, valid(std::max(map, 1)), 512);
  net.conv("embedding", at, dimension, one);
  return net.take();
}

const std::vector<Backbone>& backbones() {
  static const std::vector<Backbone> all = [] {
    std::vector<Backbone> list{
        {"mobile-face-net", "MobileFaceNet (Chen et al. 2018): the built-in embedder's", 112, 0, {}},
        {"mobilenet-v2", "MobileNetV2 (Sandler et al. 2018)", 112, 0, {}},
        {"inception-resnet-v1", "Inception-ResNet-v1 (Szegedy et al. 2016): FaceNet in practice", 112, 0, {}},
        {"inception-resnet-v2", "Inception-ResNet-v2 (Szegedy et al. 2016)", 112, 0, {}},
        {"vgg-19", "VGG-19 (Simonyan and Zisserman 2014), with batch normalisation", 112, 0, {}},
    };
    for (Backbone& backbone : list) {
      const Architecture made = *make_backbone(backbone.name, backbone.side, TrainSettings{}.dimension);
      backbone.parameters = parameter_count(made);
      for (const Layer& layer : made.layers) {
        if (layer.op == Op::conv) backbone.layers.push_back(layer.name);
      }
    }
    return list;
  }();
  return all;
}

Result<Architecture> make_backbone(std::string_view name, int side, int dimension) {
  struct Maker {
    std::string_view name;
    Architecture (*make)(int, int);
  };
  static constexpr std::array<Maker, 5> makers{{{"mobile-face-net", mobile_face_net},
                                                {"mobilenet-v2", mobilenet_v2},
                                                {"inception-resnet-v1", inception_resnet_v1},
                                                {"inception-resnet-v2", inception_resnet_v2},
                                                {"vgg-19", vgg19}}};
  const auto* const found = std::ranges::find(makers, name, &Maker::name);
  if (found == makers.end()) {
    std::string names;
    for (const Maker& maker : makers) names += (names.empty() ? "" : ", ") + std::string(maker.name);
    return fail(ErrorCode::bad_argument,
                "there is no backbone \"" + std::string(name) + "\"; there are: " + names);
  }
  constexpr int largest_side = 512;
  constexpr int largest_dimension = 4096;
  if (dimension < 2 || dimension > largest_dimension)
    return fail(ErrorCode::bad_argument,
                "an embedding has 2 to 4096 numbers, not " + std::to_string(dimension));
  if (side < 1 || side > largest_side)
    return fail(ErrorCode::bad_argument,
                "crops have a side of at most 512 pixels, not " + std::to_string(side));
  Architecture made = found->make(side, dimension);
  if (std::ranges::any_of(map_sides(made), [](int of_layer) { return of_layer < 1; })) {
    return fail(ErrorCode::bad_argument, "crops of " + std::to_string(side) + " pixels are too small for " +
                                             std::string(name) +
                                             ", whose maps would vanish; take larger ones");
  }
  return made;
}

}  // namespace kith::train
